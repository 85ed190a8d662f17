/**
 * AWS JSON 1.1: the operation in `X-Amz-Target`, its members in a JSON body.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { isUtf8 } from "node:buffer";
import { ServiceError } from "../services/service-error";
import type { Protocol } from "./protocol";

const CONTENT_TYPE = "application/x-amz-json-1.1";

/** Characters of an error's message that its header repeats; the body holds all of it. */
const MAX_HEADER = 1024;

export const json: Protocol = {
  read(_target, request) {
    if (request.body.length === 0) {
      return {};
    }
    return parseObject(request.body, "SerializationException");
  },

  respond(_target, output, requestId) {
    return {
      status: 200,
      headers: { "Content-Type": CONTENT_TYPE, "x-amzn-RequestId": requestId },
      body: output === undefined ? "" : JSON.stringify(output),
    };
  },

  error(_service, error, requestId) {
    return {
      status: error.status,
      headers: {
        "Content-Type": CONTENT_TYPE,
        "x-amzn-RequestId": requestId,
        // The trailing colon is AWS's: https://github.com/aws-amplify/amplify-swift/issues/3124
        "x-amzn-ErrorType": `${error.code}:`,
        "x-amzn-ErrorMessage": error.message.slice(0, MAX_HEADER).replace(/[^\x20-\x7e]/g, " "),
      },
      body: JSON.stringify({ __type: error.code, message: error.message, ...error.members }),
    };
  },

  authentication: {
    MissingAuthenticationToken: ["MissingAuthenticationTokenException", 400],
    IncompleteSignature: ["IncompleteSignatureException", 400],
    InvalidSignature: ["InvalidSignatureException", 400],
    UnrecognizedClient: ["UnrecognizedClientException", 400],
    ExpiredToken: ["ExpiredTokenException", 400],
  },
  accessDenied: ["AccessDeniedException", 400],
};

/** @throws ServiceError with the protocol's code when the body isn't a JSON object */
export function parseObject(body: Buffer, code: string): Record<string, unknown> {
  // Read loosely, other bytes would become replacement characters, and different texts the same.
  if (!isUtf8(body)) {
    throw new ServiceError(code, "The request body is not UTF-8.");
  }
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"), dropNull);
  } catch {
    throw new ServiceError(code, "The request body is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ServiceError(code, "The request body is not a JSON object.");
  }
  return value as Record<string, unknown>;
}

/** A member that is null counts as absent: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
function dropNull(this: unknown, _name: string, value: unknown): unknown {
  return value === null && !Array.isArray(this) ? undefined : value;
}
