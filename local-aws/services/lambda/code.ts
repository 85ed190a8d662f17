/** A function's code as a request brings it. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { ServiceError } from "../../errors";
import { checkPackage, MAXIMUM_ZIPPED, UnusablePackage } from "../../lambda-runtime/deployment-package";
import { invalidParameter } from "./failure";
import type { FunctionCode } from "./state";

export const codeMembers = {
  ZipFile: z.base64().optional(),
  S3Bucket: z.string().optional(),
  S3Key: z.string().optional(),
  ImageUri: z.string().optional(),
};

const codeObject = z.object(codeMembers);

/**
 * Checks the package by unpacking it into nothing.
 *
 * @throws ServiceError `InvalidParameterValueException` for a package that Lambda wouldn't take, `RequestEntityTooLargeException`
 */
export async function readCode(code: z.infer<typeof codeObject>): Promise<FunctionCode> {
  if (code.S3Bucket !== undefined || code.ImageUri !== undefined) {
    throw invalidParameter("Local AWS has neither S3 nor ECR: upload the code as ZipFile.");
  }
  if (code.ZipFile === undefined) throw invalidParameter("Please provide a source for function code.");
  const zip = Buffer.from(code.ZipFile, "base64");
  if (zip.length > MAXIMUM_ZIPPED) {
    throw new ServiceError(
      "RequestEntityTooLargeException",
      `Zipped size must be smaller than ${MAXIMUM_ZIPPED} bytes`,
      413,
    );
  }
  try {
    await checkPackage(zip);
  } catch (error) {
    if (error instanceof UnusablePackage) throw invalidParameter(error.message);
    throw error;
  }
  return {
    zip: code.ZipFile,
    sha256: createHash("sha256").update(zip).digest("base64"),
    size: zip.length,
  };
}
