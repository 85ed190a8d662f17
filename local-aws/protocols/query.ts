/**
 * AWS Query: a form with `Action` and flattened members; XML comes back.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import { XMLBuilder } from "fast-xml-parser";
import { type ZodType, z } from "zod";
import type { HttpRequest } from "../read/http-request";
import { ServiceError } from "../services/service-error";
import type { Protocol } from "./protocol";

/** Parts of a parameter's name: no member of the services lies deeper, and a name with thousands would exhaust the stack. */
const MAX_DEPTH = 16;

/** What XML 1.0 can't hold, not even escaped: https://www.w3.org/TR/xml/#charsets */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

const xml = new XMLBuilder({ attributeNamePrefix: "@", ignoreAttributes: false, suppressEmptyNode: true });

export const query: Protocol = {
  read: (_target, request) => nest(formOf(request)),

  respond({ service, operationName }, output, requestId) {
    const result = output === undefined ? {} : { [`${operationName}Result`]: members(output) };
    return {
      status: 200,
      headers: { "Content-Type": "text/xml", "x-amzn-RequestId": requestId },
      body: xml.build({
        [`${operationName}Response`]: {
          "@xmlns": service.xmlNamespace,
          ...result,
          ResponseMetadata: { RequestId: requestId },
        },
      }),
    };
  },

  error(service, error, requestId) {
    return {
      status: error.status,
      headers: { "Content-Type": "text/xml", "x-amzn-RequestId": requestId },
      body: xml.build({
        ErrorResponse: {
          "@xmlns": service.xmlNamespace,
          Error: {
            Type: error.status < 500 ? "Sender" : "Receiver",
            Code: error.code,
            Message: error.message.replace(NOT_XML, "\uFFFD"),
          },
          RequestId: requestId,
        },
      }),
    };
  },

  authentication: {
    MissingAuthenticationToken: ["MissingAuthenticationToken", 403],
    IncompleteSignature: ["IncompleteSignature", 403],
    InvalidSignature: ["SignatureDoesNotMatch", 403],
    UnrecognizedClient: ["InvalidClientTokenId", 403],
    ExpiredToken: ["ExpiredToken", 403],
  },
  accessDenied: ["AccessDenied", 403],
};

/** The parameters of a query-protocol request, from its body or, for a GET, from its query string. */
export function formOf(request: HttpRequest): URLSearchParams {
  return new URLSearchParams(request.body.length > 0 ? request.body.toString("utf8") : request.query);
}

/**
 * `Tags.member.1.Key=a` becomes `{ Tags: [{ Key: "a" }] }`.
 *
 * @throws ServiceError for a name that goes too deep
 */
function nest(form: URLSearchParams): unknown {
  const root: Tree = new Map();
  for (const [name, value] of form) {
    const steps = name.split(".", MAX_DEPTH + 1);
    if (steps.length > MAX_DEPTH) {
      throw new ServiceError("MalformedInput", `A parameter's name has more than ${MAX_DEPTH} parts.`);
    }
    const last = steps.pop() as string;
    let node = root;
    for (const step of steps) {
      const next = node.get(step);
      const inner: Tree = next instanceof Map ? next : new Map();
      node.set(step, inner);
      node = inner;
    }
    node.set(last, value);
  }
  return unfold(root);
}

type Tree = Map<string, string | Tree>;

/** A list of the service model; an empty one comes as an empty text. */
export function listOf<Item>(item: ZodType<Item>, limit: number = Number.POSITIVE_INFINITY): ZodType<Item[]> {
  return z.preprocess((value) => (value === "" ? [] : value), z.array(item).max(limit));
}

function unfold(node: string | Tree): unknown {
  if (typeof node === "string") {
    return node;
  }
  const list = node.get("member");
  if (list instanceof Map && node.size === 1) {
    return [...list].sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => unfold(item));
  }
  return Object.fromEntries([...node].map(([name, value]) => [name, unfold(value)]));
}

/** Lists become `<member>` elements, times ISO 8601 without milliseconds; absent members are left out. */
function members(value: unknown): unknown {
  if (value instanceof Date) {
    return value.toISOString().replace(/\.\d+Z$/, "Z");
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? "" : { member: value.map(members) };
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [name, members(item)]),
  );
}
