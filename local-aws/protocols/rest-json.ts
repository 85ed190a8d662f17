/**
 * AWS REST JSON: the operation in method and path, members in path, query and a JSON body.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
import { type HttpRequest, header } from "../read/http-request";
import { queryValues } from "../read/values-by-name";
import type { Operation } from "../services/service";
import { parseObject } from "./json";
import type { Protocol } from "./protocol";

export const restJson: Protocol = {
  read({ operation, pathParameters }, request) {
    const body =
      request.body.length === 0 || operation.blobBody
        ? {}
        : parseObject(request.body, "SerializationException");
    return { ...body, ...headerMembers(operation, request), ...queryMembers(request), ...pathParameters };
  },

  respond({ operation }, output, requestId) {
    return {
      status: operation.status ?? 200,
      headers: {
        ...(output === undefined ? {} : { "Content-Type": "application/json" }),
        "x-amzn-RequestId": requestId,
      },
      body: output === undefined ? "" : JSON.stringify(output),
    };
  },

  error(_service, error, requestId) {
    return {
      status: error.status,
      headers: {
        "Content-Type": "application/json",
        "x-amzn-RequestId": requestId,
        "x-amzn-ErrorType": error.code,
      },
      body: JSON.stringify({ [error.messageKey]: error.message, ...error.members }),
    };
  },

  authentication: {
    MissingAuthenticationToken: ["MissingAuthenticationTokenException", 403],
    IncompleteSignature: ["IncompleteSignatureException", 403],
    InvalidSignature: ["InvalidSignatureException", 403],
    UnrecognizedClient: ["UnrecognizedClientException", 403],
    ExpiredToken: ["ExpiredTokenException", 403],
  },
  accessDenied: ["AccessDeniedException", 403],
};

function headerMembers({ headers = {} }: Operation<unknown>, request: HttpRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, member]) => {
      const value = header(request, name);
      return value === undefined ? [] : [[member, value]];
    }),
  );
}

/** A name given more than once becomes a list. */
function queryMembers(request: HttpRequest): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(queryValues(request.query)).map(([name, values]) => [
      name,
      values.length === 1 ? (values[0] as string) : values,
    ]),
  );
}
