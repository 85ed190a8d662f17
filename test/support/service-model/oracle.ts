/** AWS's service models as an oracle over local AWS's answers, and the few places where AWS itself is known to differ from them. */
import { XMLParser } from "fast-xml-parser";
import { SERVICES } from "../../../local-aws/services";
import { exampleOf } from "./example";
import { differences, type Input, MODELS, type Model, shapeOf, type Variation } from "./model";
import type { Answer, SeededAccount } from "./seed";

/** Every operation of every service. */
export const CASES = SERVICES.flatMap((service) =>
  Object.keys(service.operations).map((operation) => [service.name, operation] as const),
);

const modelOf = (service: string) => MODELS[service] as Model;

/** The input that succeeds, varied; and with each member that it lacks, that one varied. */
export function variations(
  account: SeededAccount,
  service: string,
  operation: string,
  vary: (model: Model, shape: string, input: Input) => Variation[],
): Variation[] {
  const model = modelOf(service);
  const shapeName = model.operations[operation]?.input;
  if (shapeName === undefined) {
    return [];
  }
  const input = account.input(service, operation);
  return [
    ...vary(model, shapeName, input),
    ...withEachMember(model, shapeName, input).flatMap(({ name, input: longer }) =>
      vary(model, shapeName, longer).filter(
        ({ constraint }) => constraint.startsWith(name) && /^[^\w]/.test(constraint.slice(name.length)),
      ),
    ),
  ].filter(({ constraint }) => sendable(model, shapeName, constraint));
}

/** The input that succeeds, and with each member that it lacks. */
export function inputsWithEachMember(account: SeededAccount, service: string, operation: string): Input[] {
  const model = modelOf(service);
  const shapeName = model.operations[operation]?.input;
  const input = account.input(service, operation);
  return shapeName === undefined
    ? [input]
    : [input, ...withEachMember(model, shapeName, input).map(({ input: longer }) => longer)];
}

/** The input with each member that it lacks. */
function withEachMember(model: Model, shapeName: string, input: Input) {
  return Object.entries(shapeOf(model, shapeName).members ?? {})
    .filter(([name]) => input[name] === undefined)
    .map(([name, { shape }]) => ({ name, input: { ...input, [name]: exampleOf(model, shape, name) } }));
}

/** Without a part of its path a request isn't one of the operation's; the SDK doesn't send it. */
function sendable(model: Model, shapeName: string, constraint: string): boolean {
  const [member = "", kind] = constraint.split(" ");
  const found = shapeOf(model, shapeName).members?.[member];
  if (found?.location !== "uri") {
    return true;
  }
  return !(kind === "required" || (kind === "min" && shapeOf(model, found.shape).min === 1));
}

/**
 * Errors that every service has beside those of its model.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and its like of the other services
 */
const COMMON =
  /^(ValidationException|ValidationError|SerializationException|MalformedInput|AccessDenied(Exception)?|IncompleteSignatureException)$/;

/** Where AWS is known to differ from its own model, by the difference. */
const EXCEPTIONS: ReadonlyArray<readonly [difference: RegExp, source: string]> = [
  [
    /PermissionsBoundaryType is Policy, which its enum doesn't have/,
    "the model's own text and https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachedPermissionsBoundary.html: only Policy",
  ],
  [
    /GetFunctionCodeSigningConfigResponse lacks/,
    "recorded by LocalStack's suite (get_function_csc_fnwithoutcsc): an empty object without a configuration",
  ],
  [
    /LastUpdateStatusReasonCode is Creating, which its enum doesn't have/,
    "recorded by LocalStack's suite and in many quoted answers to UpdateFunctionConfiguration",
  ],
  [
    /InvalidParameterValue: The specified transitive tag key must be included in the requested tags/,
    "quoted answers of STS; the model of AssumeRole doesn't have the error",
  ],
  [
    /functionName' failed to satisfy constraint: Member must have length less than or equal to 64/,
    "recorded by LocalStack's suite (long_function_name_exc): the model's 140 are for ARNs",
  ],
  [
    /timeout' failed to satisfy constraint: Member must have value less than or equal to 900/,
    "the model's own text: at most 900; its 5,400 are for functions on capacity providers",
  ],
  [
    /memorySize' failed to satisfy constraint: Member must have value less than or equal to 10240/,
    "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; the model's 32,768 are for capacity providers",
  ],
];

export function problems(service: string, operation: string, answer: Answer): string[] {
  const model = modelOf(service);
  const { output, errors = [] } = model.operations[operation] ?? {};
  if (answer.error !== undefined) {
    const known = errors.includes(answer.error) || COMMON.test(answer.error);
    return known && answer.status < 500
      ? []
      : unexpected(`${answer.status} ${answer.error}: ${answer.message}`);
  }
  if (answer.status >= 300) {
    return [`status ${answer.status}`];
  }
  if (output === undefined) {
    return [];
  }
  const body = bodyOf(service, operation, answer.body);
  return body === undefined ? [] : unexpected(...differences(model, output, body));
}

export const unexpected = (...found: string[]) =>
  found.filter((one) => !EXCEPTIONS.some(([difference]) => difference.test(one)));

function bodyOf(service: string, operation: string, body: string): unknown {
  if (service === "iam" || service === "sts") {
    const parsed = new XMLParser({ parseTagValue: false }).parse(body);
    const model = modelOf(service);
    const result = parsed[`${operation}Response`]?.[`${operation}Result`];
    return typed(model, model.operations[operation]?.output as string, result ?? {});
  }
  if (operation === "Invoke" || body === "") {
    return undefined;
  }
  return JSON.parse(body);
}

/** XML has only texts: what the model calls a number, a truth value or a list becomes one. */
function typed(model: Model, shapeName: string, node: unknown): unknown {
  const shape = shapeOf(model, shapeName);
  if (shape.type === "structure" && node === "") {
    return {};
  }
  if (shape.members && typeof node === "object" && node !== null) {
    return Object.fromEntries(
      Object.entries(node).map(([name, inner]) => {
        const member = shape.members?.[name];
        return [name, member ? typed(model, member.shape, inner) : inner];
      }),
    );
  }
  if (shape.type === "list") {
    const items = node === "" ? [] : [(node as { member: unknown }).member].flat();
    return items.map((item) => typed(model, shape.member as string, item));
  }
  if (shape.type === "boolean" && (node === "true" || node === "false")) {
    return node === "true";
  }
  if (shape.type === "integer") {
    return Number(node);
  }
  return node;
}
