/** Published versions: a function's code and configuration, frozen under a number. */
import { z } from "zod";
import type { Account } from "../../account";
import type { FunctionVersion, LambdaFunction } from "../../account/state/lambda";
import { operation } from "../service";
import { configurationOf, listedConfiguration, NO_CAPACITY_PROVIDERS } from "./configuration";
import { invalidParameter, staleRevision } from "./failure";
import { findFunction, functionName, unqualifiedArn, versionedFunctionName } from "./functions";
import { listPage, paging } from "./page";

/** Publishes `$LATEST`, unless it is what was published last. */
export function publish(account: Account, fn: LambdaFunction, description?: string): FunctionVersion {
  const { latest } = fn;
  const last = fn.published.at(-1);
  if (last !== undefined && last.publishedFrom === latest.revisionId) {
    return last;
  }
  const version = {
    ...latest,
    version: String(fn.nextVersion),
    description: description ?? latest.description,
    lastModified: account.now().getTime(),
    publishedFrom: latest.revisionId,
  };
  fn.nextVersion += 1;
  fn.published.push(version);
  return version;
}

export const PublishVersion = operation({
  http: "POST /2015-03-31/functions/{FunctionName}/versions",
  status: 201,
  input: z.object({
    FunctionName: functionName,
    CodeSha256: z.string().optional(),
    Description: z.string().max(256).optional(),
    RevisionId: z.string().optional(),
    PublishTo: NO_CAPACITY_PROVIDERS,
  }),
  permission: ({ account, input }) => ({ resource: unqualifiedArn(account, input) }),
  run: ({ account, input }) => {
    const fn = findFunction(account, input);
    if (input.RevisionId !== undefined && input.RevisionId !== fn.latest.revisionId) {
      throw staleRevision();
    }
    if (input.CodeSha256 && input.CodeSha256 !== fn.latest.code.sha256) {
      throw invalidParameter(
        `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${fn.latest.code.sha256}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    }
    return configurationOf(account, fn.name, publish(account, fn, input.Description));
  },
});

export const ListVersionsByFunction = operation({
  http: "GET /2015-03-31/functions/{FunctionName}/versions",
  input: paging.extend({ FunctionName: versionedFunctionName }),
  permission: ({ account, input }) => ({ resource: unqualifiedArn(account, input) }),
  run: ({ account, input }) => {
    const fn = findFunction(account, input);
    const { items, NextMarker } = listPage([fn.latest, ...fn.published], input);
    return {
      Versions: items.map((version) => listedConfiguration(account, fn.name, version, true)),
      NextMarker,
    };
  },
});
