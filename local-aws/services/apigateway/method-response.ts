/** The statuses that a method may answer with, and the headers each of them may carry. */
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import type { Method, MethodResponse } from "../../account/state/apigateway";
import { mapOf } from "../input";
import { controlPlaneOperation } from "./control-plane";
import { badRequest, conflict, notFound } from "./failure";
import { findAddressedMethod } from "./lookup";
import { checkModels } from "./method";
import { entry, type Patchable, parseFlag, patched, patchInput } from "./patch";

export const statusCode = z.string().regex(/^[1-5]\d\d$/);

const address = {
  restApiId: z.string(),
  resourceId: z.string(),
  verb: z.string(),
  statusCode,
};
const path = "/restapis/{restApiId}/resources/{resourceId}/methods/{verb}/responses/{statusCode}";

const members = {
  responseParameters: mapOf(z.string(), z.boolean()).optional(),
  responseModels: mapOf(z.string(), z.string()).optional(),
};

export const putMethodResponse = controlPlaneOperation({
  http: `PUT ${path}`,
  status: 201,
  input: z.object({ ...address, ...members }),
  run({ account, input }) {
    const { statusCode, responseParameters, responseModels } = input;
    const method = findAddressedMethod(account, input);
    if (method.methodResponses[statusCode]) {
      throw conflict("Response already exists for this resource");
    }
    return setMethodResponse(method, { statusCode, responseParameters, responseModels });
  },
});

export function setMethodResponse(method: Method, response: MethodResponse): MethodResponse {
  checkMethodResponse(response);
  method.methodResponses[response.statusCode] = response;
  return response;
}

export const getMethodResponse = controlPlaneOperation({
  http: `GET ${path}`,
  input: z.object(address),
  run: ({ account, input }) => findMethodResponse(findAddressedMethod(account, input), input.statusCode),
});

export const updateMethodResponse = controlPlaneOperation({
  http: `PATCH ${path}`,
  status: 201,
  input: z.object({ ...address, ...patchInput }),
  run({ account, input }) {
    const method = findAddressedMethod(account, input);
    const response = findMethodResponse(method, input.statusCode);
    const changed = patched(response, input.patchOperations, PATCHABLE);
    checkMethodResponse(changed);
    method.methodResponses[input.statusCode] = changed;
    return changed;
  },
});

export const deleteMethodResponse = controlPlaneOperation({
  http: `DELETE ${path}`,
  status: 204,
  input: z.object(address),
  run({ account, input }) {
    const method = findAddressedMethod(account, input);
    findMethodResponse(method, input.statusCode);
    delete method.methodResponses[input.statusCode];
  },
});

/** @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateMethodResponse-Patch */
const PATCHABLE: Patchable<MethodResponse> = {
  "responseParameters/*": entry("responseParameters", "parameter", parseFlag),
  "responseModels/*": entry("responseModels", "content type"),
};

function findMethodResponse(method: Method, statusCode: string): MethodResponse {
  const response = method.methodResponses[statusCode];
  if (!response) {
    throw notFound("Invalid Response status code specified");
  }
  return response;
}

function checkMethodResponse({
  responseParameters = dictionary(),
  responseModels = dictionary(),
}: MethodResponse): void {
  const invalid = Object.keys(responseParameters).find(
    (name) => !/^method\.response\.header\.[\w-]+$/.test(name),
  );
  if (invalid !== undefined) {
    throw badRequest(
      `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: ${invalid}]`,
    );
  }
  checkModels(responseModels);
}
