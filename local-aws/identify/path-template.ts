/** Path templates such as `/a/{b}` and `/a/{rest+}`, as service models and APIs write them. Pure. */
import { type Dictionary, dictionary } from "../account/dictionary";

interface Part {
  readonly kind: "literal" | "parameter" | "greedy";
  /** The literal, or the parameter's name. */
  readonly text: string;
}

/** A part for each segment; only the last may be greedy, which takes all segments from its own on. */
export type PathTemplate = readonly Part[];

interface PathMatch {
  readonly parameters: Dictionary<string>;
}

export function parseTemplate(template: string): PathTemplate {
  return segmentsOf(template).map((segment): Part => {
    const [, name, plus] = /^\{(.+?)(\+?)\}$/.exec(segment) ?? [];
    if (name === undefined) {
      return { kind: "literal", text: segment };
    }
    return { kind: plus === "+" ? "greedy" : "parameter", text: name };
  });
}

/** A path's segments, not decoded; empty ones don't count. */
export function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/**
 * The parameters of a path, if the template matches it.
 *
 * @param from gives what a greedy parameter takes: the path from the segment of that index on
 */
export function matchTemplate(
  template: PathTemplate,
  segments: readonly string[],
  from: (index: number) => string = (index) => segments.slice(index).join("/"),
): PathMatch | undefined {
  if (template.length !== segments.length && template.at(-1)?.kind !== "greedy") {
    return undefined;
  }
  const parameters = dictionary<string>();
  for (const [index, { kind, text }] of template.entries()) {
    const segment = segments[index];
    if (segment === undefined || (kind === "literal" && segment !== text)) {
      return undefined;
    }
    if (kind === "greedy") {
      parameters[text] = from(index);
      break;
    }
    if (kind === "parameter") {
      parameters[text] = segment;
    }
  }
  return { parameters };
}
