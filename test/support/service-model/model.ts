/**
 * AWS's service models, as far as the operations that local AWS has: `npm run service-models` wrote the JSON beside this file from
 * botocore 1.43.67. Here: what a value breaks of a model, and values that break it in one place or just keep it.
 */
import apigateway from "./apigateway.json";
import cognitoIdentity from "./cognito-identity.json";
import iam from "./iam.json";
import lambda from "./lambda.json";
import logs from "./logs.json";
import sts from "./sts.json";

export interface Shape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly members?: Readonly<Record<string, Member>>;
  readonly member?: string;
  readonly key?: string;
  readonly value?: string;
}

export interface Member {
  readonly shape: string;
  readonly location?: string;
  /** On the wire, where it differs from the member's own. */
  readonly name?: string;
}

export interface Model {
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly input?: string;
        readonly output?: string;
        readonly errors: readonly string[];
        /** Of the same method and path: only a query tells them apart. */
        readonly siblings?: readonly string[];
      }
    >
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export const MODELS: Readonly<Record<string, Model>> = {
  apigateway,
  "cognito-identity": cognitoIdentity,
  iam,
  lambda,
  logs,
  sts,
};

export type Input = Record<string, unknown>;

/** One change of a valid input. */
export interface Variation {
  /** The member and the constraint, e.g. `Tags[].Key length 129 > 128`. */
  readonly what: string;
  /** Without type and number, for the list of exceptions: `Tags[].Key max`. */
  readonly constraint: string;
  readonly input: Input;
}

export function shapeOf(model: Model, name: string): Shape {
  const shape = model.shapes[name];
  if (!shape) {
    throw new Error(`The model has no shape ${name}.`);
  }
  return shape;
}

/** A pattern of the model holds for the whole text. Some need `\p{…}`, others escapes that only the older syntax takes. */
export function matches(pattern: string, text: string): boolean {
  const whole = `^(?:${pattern})$`;
  return (/\\[pP]\{/.test(pattern) ? new RegExp(whole, "u") : new RegExp(whole, "s")).test(text);
}

const PADS = ["a", "0", "A", "a/", "/a", ".", "-", "é"];

/** A text of the given length like the example, or undefined when none is found that keeps the pattern. */
function ofLength(shape: Shape, length: number, example: string): string | undefined {
  const keeps = (text: string) => shape.pattern === undefined || matches(shape.pattern, text);
  const candidates = [
    ...(length <= example.length ? [example.slice(0, length), example.slice(example.length - length)] : []),
    ...PADS.flatMap((pad) => {
      const filling = pad.repeat(length).slice(0, Math.max(0, length - example.length));
      return [
        example + filling,
        filling + example,
        example.slice(0, -1) + filling + example.slice(-1),
        pad.repeat(length).slice(0, length),
        `/${pad.repeat(Math.max(0, length - 2)).slice(0, Math.max(0, length - 2))}/`,
        `v1.${pad.repeat(length)}`.slice(0, length),
      ];
    }),
  ];
  return candidates.find((text) => text.length === length && keeps(text));
}

/** A text like the example that breaks nothing but the pattern. */
function againstPattern(shape: Shape, example: string): string | undefined {
  const { pattern = "", min = 0, max = Number.POSITIVE_INFINITY } = shape;
  const candidates = ["é", " ", "!", "€", "\u0001", "{", "\ud83d\ude00"].flatMap((odd) => [
    example + odd,
    odd + example,
    example.slice(0, -1) + odd,
    odd.repeat(Math.max(1, min)),
  ]);
  return candidates.find((text) => text.length >= min && text.length <= max && !matches(pattern, text));
}

/** Longer ones than a request may have aren't tried. */
const LONGEST = 200_000;

const NUMBERS = ["integer", "long", "double", "float"];

type Replace = (value: unknown) => Input;

/** What can be broken of the value, each constraint once. */
export function violations(model: Model, shapeName: string, input: Input): Variation[] {
  const found: Variation[] = [];
  const add = (path: string, kind: string, detail: string, changed: Input) =>
    found.push({ what: `${path} ${kind}${detail}`, constraint: `${path} ${kind}`, input: changed });
  walk(
    model,
    shapeName,
    input,
    "",
    (value) => value as Input,
    (shape, value, path, replace) => {
      if (shape.type === "structure") {
        for (const name of shape.required ?? []) {
          const { [name]: _, ...others } = value as Input;
          add(path ? `${path}.${name}` : name, "required", "", replace(others));
        }
      }
      if (shape.enum) {
        add(path, "enum", "", replace("NotOfTheModel"));
      }
      if (shape.type === "string" && !shape.enum) {
        const example = String(value);
        if (shape.min !== undefined && shape.min > 0) {
          const short = ofLength(shape, shape.min - 1, example) ?? example.slice(0, shape.min - 1);
          add(path, "min", ` ${short.length}`, replace(short));
        }
        if (shape.max !== undefined && shape.max < LONGEST) {
          const long = ofLength(shape, shape.max + 1, example) ?? "a".repeat(shape.max + 1);
          add(path, "max", ` ${long.length}`, replace(long));
        }
        if (shape.pattern !== undefined) {
          const odd = againstPattern(shape, example);
          if (odd !== undefined) {
            add(path, "pattern", ` ${JSON.stringify(odd.slice(-40))}`, replace(odd));
          }
        }
      }
      if (NUMBERS.includes(shape.type)) {
        if (shape.min !== undefined) {
          add(path, "min", ` ${shape.min - 1}`, replace(shape.min - 1));
        }
        if (shape.max !== undefined) {
          add(path, "max", ` ${shape.max + 1}`, replace(shape.max + 1));
        }
      }
      if (shape.type === "list" && Array.isArray(value)) {
        if (shape.min !== undefined && shape.min > 0) {
          add(path, "min", ` ${shape.min - 1} members`, replace(value.slice(0, shape.min - 1)));
        }
        if (shape.max !== undefined && value.length > 0) {
          add(path, "max", ` ${shape.max + 1} members`, replace(listOf(value, shape.max + 1)));
        }
      }
      if (shape.type === "map" && shape.max !== undefined) {
        add(path, "max", ` ${shape.max + 1} entries`, replace(mapOf(value as Input, shape.max + 1)));
      }
    },
  );
  return found;
}

/** The value at the exact bounds that the model allows, each once. */
export function bounds(model: Model, shapeName: string, input: Input): Variation[] {
  const found: Variation[] = [];
  const add = (path: string, kind: string, detail: string, changed: Input) =>
    found.push({ what: `${path} ${kind}${detail}`, constraint: `${path} ${kind}`, input: changed });
  walk(
    model,
    shapeName,
    input,
    "",
    (value) => value as Input,
    (shape, value, path, replace) => {
      for (const one of shape.enum ?? []) {
        add(path, "enum", ` ${one}`, replace(one));
      }
      for (const bound of ["min", "max"] as const) {
        const limit = shape[bound];
        if (limit === undefined || limit >= LONGEST) {
          continue;
        }
        if (shape.type === "string" && !shape.enum) {
          const text = ofLength(shape, limit, String(value));
          if (text !== undefined) {
            add(path, bound, ` ${limit}`, replace(text));
          }
        }
        if (NUMBERS.includes(shape.type)) {
          add(path, bound, ` ${limit}`, replace(limit));
        }
        if (shape.type === "list" && Array.isArray(value) && value.length > 0) {
          add(path, bound, ` ${limit} members`, replace(listOf(value, limit)));
        }
        if (shape.type === "map") {
          add(path, bound, ` ${limit} entries`, replace(mapOf(value as Input, limit)));
        }
      }
    },
  );
  return found;
}

/** Members that are all different, as far as the first one can be told from others. */
function listOf(values: readonly unknown[], length: number): unknown[] {
  return Array.from({ length }, (_, index) => values[index] ?? numbered(values[0], index));
}

function numbered(value: unknown, index: number): unknown {
  if (typeof value === "string") {
    return `${value}${index}`;
  }
  if (typeof value === "object" && value !== null && "Key" in value) {
    return { ...value, Key: `${String(value.Key)}${index}` };
  }
  return value;
}

function mapOf(map: Input, size: number): Input {
  const given = Object.entries(map);
  const [[key, value] = ["key", "value"]] = given;
  return Object.fromEntries(
    Array.from({ length: size }, (_, index) => given[index] ?? [`${key}${index}`, value]),
  );
}

/** Visits every value that the input has; `replace` makes the whole input with another one in its place. */
function walk(
  model: Model,
  shapeName: string,
  value: unknown,
  path: string,
  replace: Replace,
  visit: (shape: Shape, value: unknown, path: string, replace: Replace) => void,
): void {
  const shape = shapeOf(model, shapeName);
  visit(shape, value, path, replace);
  if (shape.members) {
    const structure = value as Input;
    for (const [name, inner] of Object.entries(shape.members)) {
      if (structure[name] === undefined) {
        continue;
      }
      const at = path ? `${path}.${name}` : name;
      walk(model, inner.shape, structure[name], at, (one) => replace({ ...structure, [name]: one }), visit);
    }
  } else if (shape.member && Array.isArray(value) && value.length > 0) {
    const [first, ...others] = value;
    walk(model, shape.member, first, `${path}[]`, (one) => replace([one, ...others]), visit);
  } else if (shape.key && shape.value) {
    const [entry] = Object.entries(value as Input);
    if (!entry) {
      return;
    }
    const { [entry[0]]: _, ...others } = value as Input;
    walk(
      model,
      shape.key,
      entry[0],
      `${path}{key}`,
      (one) => replace({ ...others, [String(one)]: entry[1] }),
      visit,
    );
    walk(model, shape.value, entry[1], `${path}{}`, (one) => replace({ ...others, [entry[0]]: one }), visit);
  }
}

/** What an answer has that the model doesn't, lacks that it must have, or has in another form. */
export function differences(model: Model, shapeName: string, value: unknown, path = ""): string[] {
  const shape = shapeOf(model, shapeName);
  const at = path || shapeName;
  switch (shape.type) {
    case "structure": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return [`${at} is no structure`];
      }
      const body = value as Input;
      const members = Object.entries(shape.members ?? {}).filter(
        ([, { location }]) => location === undefined,
      );
      const known = new Map(members.map(([name, member]) => [member.name ?? name, member]));
      const missing = members
        .filter(([name, member]) => shape.required?.includes(name) && body[member.name ?? name] === undefined)
        .map(([name]) => `${at} lacks ${name}`);
      return [
        ...missing,
        ...Object.entries(body).flatMap(([name, inner]) => {
          const member = known.get(name);
          return member
            ? differences(model, member.shape, inner, `${path ? `${path}.` : ""}${name}`)
            : [`${at} has ${name}, which the model doesn't know`];
        }),
      ];
    }
    case "list":
      if (!Array.isArray(value)) {
        return [`${at} is no list`];
      }
      return value.flatMap((one) => differences(model, shape.member ?? "", one, `${at}[]`));
    case "map":
      if (typeof value !== "object" || value === null) {
        return [`${at} is no map`];
      }
      return Object.values(value).flatMap((one) => differences(model, shape.value ?? "", one, `${at}{}`));
    case "string":
      if (typeof value !== "string") {
        return [`${at} is a ${typeof value}, no string`];
      }
      if (shape.enum && !shape.enum.includes(value)) {
        return [`${at} is ${value}, which its enum doesn't have`];
      }
      if (shape.max !== undefined && value.length > shape.max) {
        return [`${at} is longer than ${shape.max}`];
      }
      if (shape.min !== undefined && value.length < shape.min) {
        return [`${at} is shorter than ${shape.min}`];
      }
      if (shape.pattern !== undefined && !matches(shape.pattern, value)) {
        return [`${at} is ${value}, against ${shape.pattern}`];
      }
      return [];
    case "boolean":
      return typeof value === "boolean" ? [] : [`${at} is a ${typeof value}, no boolean`];
    case "integer":
    case "long":
      return Number.isInteger(value) ? [] : [`${at} is ${String(value)}, no integer`];
    case "double":
    case "float":
      return typeof value === "number" ? [] : [`${at} is a ${typeof value}, no number`];
    default:
      return [];
  }
}
