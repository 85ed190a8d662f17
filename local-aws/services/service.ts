/** What a service of local AWS is: a name, a wire protocol, and a table of operations. */
import type { ZodType } from "zod";
import type { ConditionContext } from "../../iam-policy/context";
import type { Account } from "../account";
import type { Principal } from "../authenticate/principal";
import type { HttpRequest } from "../read/http-request";
import type { HttpResponse } from "../respond/http-response";

/** One request that has been authenticated and authorized, and whose input is valid. */
export interface Call<Input> {
  readonly account: Account;
  readonly caller: Principal;
  readonly input: Input;
  readonly request: HttpRequest;
  readonly requestId: string;
}

/** What IAM has to allow before an operation runs. */
export interface Permission {
  /** The IAM action; `SERVICE:OPERATION` unless given. */
  readonly action?: string;
  /** The ARN of the resource, or `*` where the operation has no resource type. */
  readonly resource: string;
  /** Condition keys of the request, e.g. `iam:PassedToService`. */
  readonly context?: ConditionContext;
}

export interface Operation<Input> {
  /**
   * rest-json only: method and path template of the service model, e.g. `GET /restapis/{restApiId}`, with the query that tells
   * the operation from another, e.g. `POST /restapis?mode=import`.
   */
  readonly http?: string;
  /** rest-json only: the members that come in headers, by the header's name in small letters. */
  readonly headers?: Readonly<Record<string, string>>;
  /** rest-json only: the body is the member that `run` reads from the request itself, e.g. the payload of Lambda's `Invoke`. */
  readonly blobBody?: true;
  /**
   * The operation leaves the account as it is, so that nothing has to be saved. Whatever isn't known to be so is saved.
   *
   * @default - whether `http` begins with GET
   */
  readonly readOnly?: true;
  /** The HTTP status of a success. @default 200 */
  readonly status?: number;
  /**
   * The members that the operation reads; others are ignored, as AWS does. In rest-json the path's parameters, the query's and
   * the body's members come as one object; a query parameter given twice comes as a list.
   */
  readonly input: ZodType<Input>;
  /** What the caller must be allowed to do, one entry a permission; `"unsigned"` for an operation that takes no signature. */
  readonly permission:
    | "unsigned"
    | ((call: { account: Account; input: Input; request: HttpRequest }) => Permission | Permission[]);
  /** Returns the members of the output (`undefined` for an empty one), or a whole `HttpResponse` made with `rawResponse`. */
  readonly run: (call: Call<Input>) => unknown;
}

export function isReadOnly({ readOnly, http }: Pick<Operation<never>, "readOnly" | "http">): boolean {
  return readOnly ?? http?.startsWith("GET ") ?? false;
}

/** Declares an operation; `run` gets the input's type from the schema. */
export function operation<Input>(definition: Operation<Input>): Operation<Input> {
  return definition;
}

/** What pages of every origin may send to a service, and what they get to see. */
export interface CrossOrigin {
  /** The headers that a page may send, in small letters. */
  readonly allowedHeaders: readonly string[];
  /** The headers of an answer that a page may read, beside those that every page may. */
  readonly exposedHeaders: readonly string[];
  /** Seconds that a browser may go by the answer to a preflight. */
  readonly maxAge: number;
}

export interface Service {
  /** The service's name in credential scopes and IAM actions, e.g. `cognito-identity`. */
  readonly name: string;
  readonly protocol: "json-1.1" | "query" | "rest-json";
  /** json-1.1: what stands before the dot in `X-Amz-Target`. */
  readonly targetPrefix?: string;
  /** query: the API version and the XML namespace. */
  readonly version?: string;
  readonly xmlNamespace?: string;
  /** The error code of an input that breaks a constraint of the service model. */
  readonly validationErrorCode: string;
  /** The error code of an input with a member that this account can't honour. */
  readonly refusalErrorCode: string;
  /** How the service calls a fault of its own, where its model says so. @default InternalFailure - the error common to all services */
  readonly faultCode?: string;
  /**
   * Whether the service has a global endpoint, which is signed for in us-east-1, beside the regional ones or as its only one. A
   * client that is pointed at this account may sign for its own region all the same.
   *
   * @default - regional endpoints only
   */
  readonly globalEndpoint?: "also" | "only";
  /** The ARNs of all that exists in the account. @default - nothing that lasts */
  readonly resources?: (account: Account) => string[];
  /**
   * The tags of what an ARN names, for the condition keys of a request; undefined when it names nothing that exists.
   *
   * @default - the operations say it in their permissions
   */
  readonly tagsOf?: (account: Account, arn: string) => Readonly<Record<string, string>> | undefined;
  /**
   * Opens the operations that take no signature to web pages; the others stay closed.
   *
   * @default - no page may read an answer of the service
   */
  readonly crossOrigin?: CrossOrigin;
  /** Error messages name a member of the body by its whole input, e.g. `putIntegrationInput.type`. */
  readonly namesInputs?: true;
  // biome-ignore lint/suspicious/noExplicitAny: the table is heterogeneous; `operation` checks each entry against its own schema.
  readonly operations: Readonly<Record<string, Operation<any>>>;
}

const RAW = Symbol("raw response");

/** Marks an answer that the protocol must send as it is, e.g. the payload of Lambda's `Invoke`. */
export function rawResponse(response: HttpResponse): HttpResponse & { [RAW]: true } {
  return { ...response, [RAW]: true };
}

export function isRawResponse(output: unknown): output is HttpResponse {
  return typeof output === "object" && output !== null && RAW in output;
}
