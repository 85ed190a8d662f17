/** A function's code as a request brings it. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { FunctionCode } from "../../account/state/lambda";
import { refusedMember } from "../input";
import { ServiceError } from "../service-error";
import { invalidParameter } from "./failure";
import { checkPackage, MAXIMUM_ZIPPED, UnusablePackageError } from "./runtime/deployment-package";

const NO_BUCKETS = refusedMember("there is no S3 here; upload the code as ZipFile");

export const codeMembers = {
  ZipFile: z.base64().optional(),
  S3Bucket: NO_BUCKETS,
  S3Key: NO_BUCKETS,
  S3ObjectVersion: NO_BUCKETS,
  S3ObjectStorageMode: NO_BUCKETS,
  ImageUri: refusedMember("there is no ECR here; upload the code as ZipFile"),
  SourceKMSKeyArn: refusedMember("there is no KMS here; leave it out", ""),
};

const codeObject = z.object(codeMembers);

/**
 * Checks the package by unpacking it into nothing.
 *
 * @throws ServiceError `InvalidParameterValueException` for a package that Lambda wouldn't take, `RequestEntityTooLargeException`
 */
export async function readCode(code: z.infer<typeof codeObject>): Promise<FunctionCode> {
  if (code.ZipFile === undefined) {
    throw invalidParameter("Please provide a source for function code.");
  }
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
    if (error instanceof UnusablePackageError) {
      throw invalidParameter(error.message);
    }
    throw error;
  }
  return {
    zip: code.ZipFile,
    sha256: createHash("sha256").update(zip).digest("base64"),
    size: zip.length,
  };
}
