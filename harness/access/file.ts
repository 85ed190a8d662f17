/** The access file: every route of the API, and who may call it. Whoever isn't named is to be refused. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { pathSegment } from "../calls/api";
import { parseJson } from "../calls/assert";
import type { Caller, Verdict } from "../report";
import { SettingsError } from "../run/errors";

/** Who may be named: the callers, and `anyone` for all of them, those without credentials among them. */
const NAMED = ["anyone", "guest", "signed-in", "other-user", "backend"] as const;

/** Methods that by their definition change nothing: https://datatracker.ietf.org/doc/html/rfc9110#section-9.2.1 */
const SAFE = ["GET", "HEAD", "OPTIONS"];
/** Through which an `ANY` is called. */
const SAFE_OF_ANY = "GET";

/** Stands for a path parameter that the file gives no value: nothing is likely to have that name. */
const PLACEHOLDER = "harness-probe";

/** The parameter whose value is a user's tag of that name. */
export const USERNAME = "username";

/** A route of the API, and who may call it. */
export interface AccessRoute {
  /** As declared, e.g. `GET /orders/{id}`. */
  readonly route: string;
  /** In capitals; `ANY` for every method that the path has no other for. */
  readonly method: string;
  /** Below the stage, with its parameters. */
  readonly path: string;
  readonly allow: readonly (typeof NAMED)[number][];
  /** The method with which it may be called to see what happens; undefined where that might change something. */
  readonly probe?: string;
  /** Values of path parameters, without `username`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Who may call what, and where that is written. */
export interface AccessRules {
  /** For messages and the report: a file's name, or `output access`. */
  readonly source: string;
  readonly routes: readonly AccessRoute[];
}

/** A segment of a path that a URL leaves out, and then names another path. */
const DOTS = /^\.{1,2}$/;
const ROUTE = /^(GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE|ANY) ((?:\/(?!\.{1,2}(?:\/|$))[^\s/?#%\\]*)+)$/;
const PARAMETER = /\{([^{}]+?)(\+?)\}/g;

const who = z.array(
  z.enum(NAMED, {
    error: ({ input }) =>
      input === "nobody"
        ? '"nobody" is no caller who may: write [] if no one may, ["anyone"] if everybody may'
        : `${JSON.stringify(input)} is no caller: name some of ${NAMED.join(", ")}`,
  }),
  { error: 'is not a list of callers, e.g. ["signed-in"]' },
);

const declaration = z.preprocess(
  (value) => (Array.isArray(value) ? { allow: value } : value),
  z.strictObject(
    {
      allow: who,
      safe: z.boolean({ error: '"safe" is not true or false' }).optional(),
      parameters: z
        .record(z.string(), z.string(), { error: '"parameters" is not an object, e.g. {"id": "42"}' })
        .optional(),
    },
    {
      error: ({ code, ...issue }) =>
        code === "unrecognized_keys"
          ? `has ${(issue as { keys?: string[] }).keys?.join(", ")}: it may have "allow", "safe" and "parameters"`
          : 'is neither a list of callers, e.g. ["signed-in"], nor {"allow": ["signed-in"], "safe": true}',
    },
  ),
);

/** Reads an access file. @throws SettingsError when it is missing or wrong */
export function readAccess(file: string): AccessRules {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError(
      `--access ${file} cannot be read (${code}). Name another file, or leave the name out to take the output access.`,
    );
  }
  return parseAccess(text, file);
}

/**
 * Reads who may call what from JSON.
 *
 * @param source where it comes from, for messages
 * @throws SettingsError listing everything that is wrong
 */
export function parseAccess(text: string, source: string): AccessRules {
  const content = z.record(z.string(), z.unknown()).safeParse(parseJson(text)).data;
  if (content === undefined || Object.keys(content).length === 0) {
    throw new SettingsError(
      `${source} is not a JSON object with a member for each route, e.g. {"GET /hello": ["signed-in"]}. See docs/nightly.md.`,
    );
  }
  const problems: string[] = [];
  const routes = Object.entries(content).map(([name, value]) => {
    const [, method = "", path = ""] = ROUTE.exec(name) ?? [];
    const { data, error } = declaration.safeParse(value);
    const found =
      method === ""
        ? ["is not a route: give a method, or ANY, and a path, e.g. GET /orders/{id}"]
        : (error?.issues.map(({ message }) => message) ?? conflicts(path, data));
    problems.push(...found.map((problem) => `  ${name}: ${problem}`));
    const { allow = [], safe, parameters = {} } = data ?? {};
    const called = method === "ANY" ? SAFE_OF_ANY : method;
    const probe = (safe ?? SAFE.includes(called)) ? called : undefined;
    return { route: name, method, path, allow, probe, parameters };
  });
  if (problems.length > 0) {
    throw new SettingsError(
      `${source} does not say who may call what:\n${problems.join("\n")}\nSee docs/nightly.md.`,
    );
  }
  return { source, routes };
}

/** What is well-formed but cannot be meant. */
function conflicts(path: string, declared: z.infer<typeof declaration> | undefined): string[] {
  const { allow = [], parameters = {} } = declared ?? {};
  const taken = parametersOf(path);
  const named = Object.entries(parameters).flatMap(([name, value]) => {
    if (name === USERNAME) {
      return [`"${USERNAME}" is the user's own, or another user's: leave it out of "parameters"`];
    }
    const parameter = taken.find((one) => one.name === name);
    if (parameter === undefined) {
      return [`the path has no {${name}}`];
    }
    const segments = value.split("/");
    const wrong = value === "" || (segments.length > 1 && !parameter.greedy);
    return wrong || segments.some((segment) => DOTS.test(segment))
      ? [
          `"${name}" must be ${parameter.greedy ? "segments of a path, and none" : "one segment of a path, and not"} . or ..`,
        ]
      : [];
  });
  const other =
    allow.includes("other-user") && !ofUsers({ path })
      ? [`"other-user" is for paths with {${USERNAME}}; who is signed in is "signed-in"`]
      : [];
  return [...named, ...other];
}

function parametersOf(path: string): { readonly name: string; readonly greedy: boolean }[] {
  return [...path.matchAll(PARAMETER)].map(([, name = "", plus]) => ({ name, greedy: plus === "+" }));
}

/** Tells whether each user has a path of their own there. */
export function ofUsers({ path }: Pick<AccessRoute, "path">): boolean {
  return path.includes(`{${USERNAME}}`);
}

/** Says what is to become of a call. */
export function expectedOf({ allow }: AccessRoute, caller: Caller): Verdict {
  return allow.includes("anyone") || allow.some((named) => named === caller) ? "allowed" : "refused";
}

/** Fills the path's parameters in. @param username whose path it is to be */
export function filledPath(
  { path, parameters }: Pick<AccessRoute, "path" | "parameters">,
  username: string = PLACEHOLDER,
): string {
  return path.replace(PARAMETER, (_, name: string) => {
    const value = name === USERNAME ? username : (parameters[name] ?? PLACEHOLDER);
    return value.split("/").map(pathSegment).join("/");
  });
}
