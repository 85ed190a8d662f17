// A synthesised stack as data, so that tests compare objects and never substrings.

interface Output {
  readonly value: string;
  readonly description?: string;
  readonly sensitive?: boolean;
}

/** What Terraform is given, as far as the tests look at it. */
export interface Configuration {
  readonly terraform: {
    readonly required_version: string;
    readonly required_providers: Record<string, unknown>;
    readonly backend: Record<string, Record<string, unknown>>;
  };
  readonly provider: { readonly aws: readonly Record<string, unknown>[] };
  readonly resource: Record<string, Record<string, Attributes>>;
  readonly data?: Record<string, Record<string, Attributes>>;
  readonly locals?: Record<string, unknown>;
  readonly import?: readonly unknown[];
  readonly output?: Record<string, Output>;
}

// biome-ignore lint/suspicious/noExplicitAny: attributes of any resource; the expectations say what they are
export type Attributes = Record<string, any>;

/** All resources of a type, each with its `address` for references. */
export function resources(configuration: Configuration, type: string): Attributes[] {
  return Object.entries(configuration.resource[type] ?? {}).map(([id, attributes]) => ({
    ...attributes,
    address: `${type}.${id}`,
  }));
}

/** The only resource of a type. */
export function onlyResource(configuration: Configuration, type: string): Attributes {
  const found = resources(configuration, type);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`${found.length} resources of type ${type}`);
  }
  return first;
}
