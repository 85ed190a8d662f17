/** The statuses that a method may answer with, and the headers each of them may carry. */
import { z } from "zod";
import { operation } from "../../service";
import { badRequest, conflict, notFound } from "./failure";
import { findAddressedMethod, own } from "./lookup";
import { checkModels } from "./method";
import { entry, type Patchable, parseFlag, patched, patchInput } from "./patch";
import { controlPlanePermission } from "./permission";
import type { Method, MethodResponse } from "./state";

const address = {
  restApiId: z.string(),
  resourceId: z.string(),
  verb: z.string(),
  statusCode: z.string().regex(/^[1-5]\d\d$/),
};
const path = "/restapis/{restApiId}/resources/{resourceId}/methods/{verb}/responses/{statusCode}";

export const putMethodResponse = operation({
  http: `PUT ${path}`,
  status: 201,
  permission: controlPlanePermission,
  input: z.object({
    ...address,
    responseParameters: z.record(z.string(), z.boolean()).optional(),
    responseModels: z.record(z.string(), z.string()).optional(),
  }),
  run({ account, input }) {
    const { statusCode, responseParameters, responseModels } = input;
    const method = findAddressedMethod(account, input);
    if (own(method.methodResponses, statusCode)) throw conflict("Response already exists for this resource");
    const response: MethodResponse = { statusCode, responseParameters, responseModels };
    checkMethodResponse(response);
    method.methodResponses[statusCode] = response;
    return response;
  },
});

export const getMethodResponse = operation({
  http: `GET ${path}`,
  permission: controlPlanePermission,
  input: z.object(address),
  run: ({ account, input }) => findMethodResponse(findAddressedMethod(account, input), input.statusCode),
});

export const updateMethodResponse = operation({
  http: `PATCH ${path}`,
  status: 201,
  permission: controlPlanePermission,
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

export const deleteMethodResponse = operation({
  http: `DELETE ${path}`,
  status: 204,
  permission: controlPlanePermission,
  input: z.object(address),
  run({ account, input }) {
    const method = findAddressedMethod(account, input);
    findMethodResponse(method, input.statusCode);
    delete method.methodResponses[input.statusCode];
  },
});

/** Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateMethodResponse-Patch */
const PATCHABLE: Patchable<MethodResponse> = {
  "responseParameters/*": entry("responseParameters", parseFlag),
  "responseModels/*": entry("responseModels"),
};

function findMethodResponse(method: Method, statusCode: string): MethodResponse {
  const response = own(method.methodResponses, statusCode);
  if (!response) throw notFound("Invalid Response status code specified");
  return response;
}

function checkMethodResponse({ responseParameters = {}, responseModels = {} }: MethodResponse): void {
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
