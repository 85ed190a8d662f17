/**
 * Mapping templates in the Velocity Template Language. Whoever may write a template must not reach the process that renders it, nor
 * keep it busy: `velocityjs` reads any JavaScript property, calls any function and goes on for as long as it takes, so it is held to data
 * here, and to so many steps and characters. No clock takes part when a template is rendered: a machine that stalls makes none fail.
 */
import { createContext, Script } from "node:vm";
import { Compile, parse } from "velocityjs";
import { own } from "../apigateway/lookup";

/** Steps that one template may take: parts rendered, values evaluated, rounds of loops. An ordinary one takes less than a hundred. */
const MAXIMUM_STEPS = 100_000;

/** Characters of output, as many as an answer may have bytes. */
const MAXIMUM_OUTPUT = 10_485_760;

/** Characters of all values that a template reads or makes, those of a value that is read twice twice. */
const MAXIMUM_HANDLED = 4 * MAXIMUM_OUTPUT;

/** Calls of macros within each other, blocks within each other. */
const MAXIMUM_DEPTH = 100;

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
const MAXIMUM_ROUNDS = 1_000;

/** Characters. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const MAXIMUM_TEMPLATE = 307_200;

/** What begins or joins parts of a template; reading takes as long as the square of their number, a quarter of a second for so many. */
const SIGNS = /[#$([{.,]/g;
const MAXIMUM_SIGNS = 5_000;

/** The template can't be rendered; the message says why. */
export class UnusableTemplateError extends Error {
  override readonly name = "UnusableTemplateError";
}

type Members = Readonly<Record<string, unknown>>;

/** What the names in a template stand for: `$context`, `$stageVariables`, `$input`. */
export interface TemplateVariables {
  readonly context: object;
  readonly stageVariables: object;
  readonly input: { readonly body: string; readonly params: (name?: string) => unknown };
}

/** What a template may call on the data that it has. */
const METHODS: Readonly<Record<string, (target: Members, key: unknown) => unknown>> = {
  get: (target, key) => member(target, key),
  keySet: (target) => Object.keys(target),
  entrySet: (target) => Object.entries(target).map(([key, value]) => ({ key, value })),
  size: (target) => Object.keys(target).length,
};

interface Access {
  readonly type: "property" | "index" | "method";
  readonly id: unknown;
  /** False when the parentheses are empty. */
  readonly args?: readonly unknown[] | false;
}

type Nodes = ReturnType<typeof parse>;
type Loop = { readonly foreach: { readonly count: number } };
type Ast = Parameters<Compile["getLiteral"]>[0];

class Template extends Compile {
  #steps = 0;
  #handled = 0;
  #depth = 0;
  /** How long a list or map is when it is written out; lists in lists may share their parts. */
  readonly #lengths = new WeakMap<object, number>();
  readonly #texts = new Map<string, Nodes>();

  override renderAstList(...list: Parameters<Compile["renderAstList"]>): string {
    const [nodes = this.asts, block = ""] = list;
    this.#step(1 + nodes.length);
    const loop = block.startsWith("foreach:") ? (this.local[block] as Loop).foreach : undefined;
    if (loop && loop.count > MAXIMUM_ROUNDS) {
      throw tooMuch(`${MAXIMUM_ROUNDS} rounds of a #foreach`);
    }
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH) {
      throw tooMuch(`${MAXIMUM_DEPTH} levels of blocks and macros`);
    }
    const text = super.renderAstList(...list);
    this.#depth -= 1;
    if (text.length > MAXIMUM_OUTPUT) {
      throw tooMuch(`${MAXIMUM_OUTPUT} characters`);
    }
    return this.#handle(text);
  }

  override getReferences(...reference: Parameters<Compile["getReferences"]>) {
    // It is looked for in every block around it.
    this.#step(1 + this.conditions.length);
    return this.#handle(super.getReferences(...reference));
  }

  override getLiteral(literal: Ast) {
    this.#step(1);
    const { type, value } = literal as { type: string; value: unknown };
    if (type === "array" && "isRange" in literal && literal.isRange) {
      this.#checkRange(value as unknown[]);
    }
    return this.#handle(super.getLiteral(literal));
  }

  override getExpression(expression: Parameters<Compile["getExpression"]>[0]) {
    this.#step(1);
    return this.#handle(super.getExpression(expression));
  }

  /** A text in double quotes, which is a template. */
  override evalStr(text: string) {
    const nodes = this.#texts.get(text) ?? read(text);
    this.#texts.set(text, nodes);
    return this.renderAstList(nodes, this.contextId);
  }

  #step(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MAXIMUM_STEPS) {
      throw tooMuch(`${MAXIMUM_STEPS} steps`);
    }
  }

  #handle<Value>(value: Value): Value {
    this.#handled += this.#lengthOf(value);
    if (this.#handled > MAXIMUM_HANDLED) {
      throw tooMuch(`${MAXIMUM_HANDLED} characters in its values`);
    }
    return value;
  }

  #lengthOf(value: unknown): number {
    if (typeof value === "string") {
      return value.length;
    }
    if (typeof value !== "object" || value === null) {
      return 1;
    }
    const known = this.#lengths.get(value);
    if (known !== undefined) {
      return known;
    }
    let length = 2;
    for (const [key, part] of Object.entries(value)) {
      length += key.length + 2 + this.#lengthOf(part);
    }
    this.#lengths.set(value, length);
    return length;
  }

  /** `[1..1000000000]` would be made before anything could be counted. */
  #checkRange(ends: readonly unknown[]): void {
    const [from, to] = ends.map((end) =>
      Number(typeof end === "object" ? this.getReferences(end as never) : end),
    );
    this.#step(Math.abs((to as number) - (from as number)) || 1);
  }

  /** `$base.name`, `$base["name"]` and `$base.name(…)`. */
  getAttributes(access: Access, base: unknown): unknown {
    this.#step(1);
    if (access.type === "method") {
      return this.getPropMethod(access, base);
    }
    return member(base, access.type === "index" ? this.getLiteral(access.id as never) : access.id);
  }

  getPropMethod({ id, args }: Access, base: unknown): unknown {
    const [first] = (args || []).map((argument) => this.getLiteral(argument as never) as unknown);
    const { input } = this.context;
    if (base === input && id === "params") {
      return input.params(first === undefined ? undefined : `${first}`);
    }
    const method = own(METHODS, String(id));
    if (!method || typeof base !== "object" || base === null) {
      throw new UnusableTemplateError(`local AWS doesn't offer the method ${String(id)} in templates`);
    }
    return method(base as Members, first);
  }

  override setValue(statement: { equal: [{ path?: unknown }, unknown] }): void {
    if (statement.equal[0].path !== undefined) {
      throw new UnusableTemplateError("local AWS lets templates #set variables only, not members of them");
    }
    super.setValue(statement as never);
  }
}

function tooMuch(limit: string): UnusableTemplateError {
  return new UnusableTemplateError(`it takes more than ${limit}`);
}

/** Data only: what an object inherits, and functions, don't exist for a template. */
function member(target: unknown, key: unknown): unknown {
  if (typeof target !== "object" || target === null) {
    return undefined;
  }
  const value = own(target as Members, String(key));
  return typeof value === "function" ? undefined : value;
}

function checkSize(template: string): void {
  if (template.length > MAXIMUM_TEMPLATE) {
    throw tooMuch(`${MAXIMUM_TEMPLATE} characters`);
  }
  if (signsOf(template) > MAXIMUM_SIGNS) {
    throw tooMuch(`${MAXIMUM_SIGNS} of the signs # $ ( [ { . and ,`);
  }
}

function signsOf(template: string): number {
  return template.match(SIGNS)?.length ?? 0;
}

/** Milliseconds. Reading takes one or less, but for ever if many an `#end` is missing, and only the clock can tell. */
const READING_LIMIT = 125;

const limited = createContext({ read: (): Nodes => [] });
const script = new Script("read()");

/** A machine that stalls may fail the first try, hardly two. */
function read(template: string, tries = 2): Nodes {
  limited.read = () => parse(template);
  try {
    return script.runInContext(limited, { timeout: READING_LIMIT });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") {
      throw new UnusableTemplateError(message);
    }
    if (tries > 1) {
      return read(template, tries - 1);
    }
    throw new UnusableTemplateError(`it can't be read within ${READING_LIMIT} ms: is an #end missing?`);
  }
}

/** Templates that were read, by their text; the oldest goes when there are too many. */
const known = new Map<string, Nodes>();
const MAXIMUM_KNOWN = 200;

function readOnce(template: string): Nodes {
  const held = known.get(template);
  if (held !== undefined) {
    return held;
  }
  checkSize(template);
  const nodes = read(template);
  if (known.size >= MAXIMUM_KNOWN) {
    known.delete(known.keys().next().value as string);
  }
  known.set(template, nodes);
  return nodes;
}

/** velocityjs would mark parts of a template that was read, which is rendered again and again. */
const NO_ESCAPES = { unescape: undefined };

/** Templates are data: they may not make others. */
const MACROS = {
  eval: () => {
    throw new UnusableTemplateError("local AWS doesn't offer #eval in templates");
  },
};

/**
 * Renders a template.
 *
 * @throws UnusableTemplateError for a template that isn't Velocity, does what it may not do, or takes or yields too much
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function renderTemplate(template: string, variables: TemplateVariables): string {
  const roots = Object.assign(Object.create(null), variables);
  try {
    return new Template(readOnce(template), NO_ESCAPES).render(roots, { ...MACROS });
  } catch (error) {
    throw error instanceof UnusableTemplateError
      ? error
      : new UnusableTemplateError((error as Error).message);
  }
}
