/**
 * Mapping templates in the Velocity Template Language. Whoever may write a template must not reach the process that renders it:
 * `velocityjs` reads any JavaScript property and calls any function, so it is held to data here, and to a limit of time.
 */
import { createContext, Script } from "node:vm";
import { Compile, parse } from "velocityjs";
import { own } from "../services/apigateway/lookup";

/** Milliseconds that one template may take; an ordinary one takes less than one. */
const TIME_LIMIT = 250;

/** Characters of output, as many as an answer may have bytes. */
const MAXIMUM_OUTPUT = 10_485_760;

/** The template can't be rendered; the message says why. */
export class UnusableTemplate extends Error {
  override readonly name = "UnusableTemplate";
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

class Template extends Compile {
  /** `$base.name`, `$base["name"]` and `$base.name(…)`. */
  getAttributes(access: Access, base: unknown): unknown {
    if (access.type === "method") return this.getPropMethod(access, base);
    return member(base, access.type === "index" ? this.getLiteral(access.id as never) : access.id);
  }

  getPropMethod({ id, args }: Access, base: unknown): unknown {
    const [first] = (args || []).map((argument) => this.getLiteral(argument as never) as unknown);
    const { input } = this.context;
    if (base === input && id === "params") return input.params(first === undefined ? undefined : `${first}`);
    const method = own(METHODS, String(id));
    if (!method || typeof base !== "object" || base === null) {
      throw new UnusableTemplate(`local AWS doesn't offer the method ${String(id)} in templates`);
    }
    return method(base as Members, first);
  }

  override setValue(statement: { equal: [{ path?: unknown }, unknown] }): void {
    if (statement.equal[0].path !== undefined) {
      throw new UnusableTemplate("local AWS lets templates #set variables only, not members of them");
    }
    super.setValue(statement as never);
  }
}

/** Data only: what an object inherits, and functions, don't exist for a template. */
function member(target: unknown, key: unknown): unknown {
  if (typeof target !== "object" || target === null) return undefined;
  const value = own(target as Members, String(key));
  return typeof value === "function" ? undefined : value;
}

/** The one way to stop synchronous work: Node ends a script in another context, and all it has called, when its time is up. */
const limited = createContext({ render: () => "" });
const script = new Script("render()");

/**
 * Renders a template.
 *
 * @throws UnusableTemplate for a template that isn't Velocity, does what it may not do, or takes or yields too much
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function renderTemplate(template: string, variables: TemplateVariables): string {
  const roots = Object.assign(Object.create(null), variables);
  limited.render = () => new Template(parse(template)).render(roots);
  let output: string;
  try {
    output = script.runInContext(limited, { timeout: TIME_LIMIT });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UnusableTemplate(
      code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? `it took longer than ${TIME_LIMIT} ms` : message,
    );
  }
  if (output.length > MAXIMUM_OUTPUT) {
    throw new UnusableTemplate(`it yielded more than ${MAXIMUM_OUTPUT} characters`);
  }
  return output;
}
