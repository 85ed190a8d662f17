/** The life of a function: created, read, listed, deleted. */
import { z } from "zod";
import { dictionary, stored } from "../../account/dictionary";
import type { LambdaFunction } from "../../account/state/lambda";
import { refusedMember } from "../input";
import { operation } from "../service";
import { codeMembers, readCode } from "./code";
import { codeLocation } from "./code-location";
import {
  architectures,
  configurationOf,
  listedConfiguration,
  NO_CAPACITY_PROVIDERS,
  settings,
  touched,
  withSettings,
} from "./configuration";
import { environmentsOf } from "./environments";
import { conflict, invalidParameter, notFound } from "./failure";
import {
  findFunction,
  findVersion,
  functionName,
  ofVersion,
  ownName,
  qualifierOf,
  requestedArn,
  unqualifiedArn,
  versionedFunctionName,
  wholeName,
} from "./functions";
import { listPage, paging } from "./page";
import { passRole, requireAssumable } from "./role";
import { tags } from "./tags";
import { publish } from "./versions";

/** The ARN's pattern allows for longer ones. */
const MAXIMUM_NAME = 64;

const CREATING = {
  State: "Pending",
  LastUpdateStatus: undefined,
  StateReason: "The function is being created.",
  StateReasonCode: "Creating",
};

export const CreateFunction = operation({
  http: "POST /2015-03-31/functions",
  status: 201,
  input: z.object({
    ...settings,
    FunctionName: functionName,
    Code: z.object(codeMembers),
    PackageType: z.enum(["Zip", "Image"]).optional(),
    PublishTo: NO_CAPACITY_PROVIDERS,
    TenancyConfig: refusedMember("an environment may serve all tenants here; leave it out"),
    Architectures: architectures.optional(),
    Publish: z.boolean().optional(),
    Tags: tags.optional(),
    CodeSigningConfigArn: refusedMember("there is no code signing here; leave it out", ""),
  }),
  permission: ({ account, input }) => {
    const resource = unqualifiedArn(account, input);
    return [
      { resource },
      passRole(input.Role),
      ...(input.Tags ? [{ action: "lambda:TagResource", resource }] : []),
    ];
  },
  run: async ({ account, input }) => {
    const name = wholeName(account, input);
    if (name.length > MAXIMUM_NAME) {
      throw invalidParameter(
        `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${MAXIMUM_NAME}`,
      );
    }
    const exists = () => account.state.lambda.functions[name] !== undefined;
    if (exists()) {
      throw conflict(`Function already exist: ${name}`);
    }
    if (input.PackageType === "Image") {
      throw invalidParameter("Local AWS does not offer 'packageType' Image: upload a zip.");
    }
    const { Runtime: runtime, Handler: handler } = input;
    if (runtime === undefined || handler === undefined) {
      throw invalidParameter(
        "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
      );
    }
    const initial = {
      runtime,
      handler,
      role: input.Role,
      description: "",
      timeout: 3,
      memorySize: 128,
      environment: undefined,
      tracingMode: "PassThrough" as const,
      ephemeralStorage: 512,
      logGroup: `/aws/lambda/${name}`,
    };
    const configured = withSettings(initial, input);
    requireAssumable(account, input.Role);
    const code = await readCode(input.Code);
    if (exists()) {
      throw conflict(`Function already exist: ${name}`);
    }
    const fn: LambdaFunction = stored(account.state.lambda.functions, name, {
      name,
      latest: {
        ...configured,
        ...touched(account),
        version: "$LATEST",
        architectures: input.Architectures ?? ["x86_64"],
        code,
      },
      published: [],
      nextVersion: 1,
      tags: input.Tags ?? dictionary(),
      policy: [],
      policyRevisionId: "",
    });
    const shown = input.Publish ? publish(account, fn) : fn.latest;
    return configurationOf(account, name, shown, { progress: CREATING, qualified: false });
  },
});

export const GetFunction = operation({
  http: "GET /2015-03-31/functions/{FunctionName}",
  input: ofVersion,
  permission: ({ account, input }) => ({ resource: requestedArn(account, input) }),
  run: ({ account, input }) => {
    const { fn, version, qualified } = findVersion(account, input);
    return {
      Configuration: configurationOf(account, fn.name, version, { qualified }),
      Code: { RepositoryType: "S3", Location: codeLocation(account, fn.name, version) },
      Tags: Object.keys(fn.tags).length > 0 ? fn.tags : undefined,
      Concurrency:
        fn.reservedConcurrency === undefined
          ? undefined
          : { ReservedConcurrentExecutions: fn.reservedConcurrency },
    };
  },
});

export const GetFunctionConfiguration = operation({
  http: "GET /2015-03-31/functions/{FunctionName}/configuration",
  input: ofVersion,
  permission: ({ account, input }) => ({ resource: requestedArn(account, input) }),
  run: ({ account, input }) => {
    const { fn, version, qualified } = findVersion(account, input);
    return configurationOf(account, fn.name, version, { qualified });
  },
});

/** A function without code signing, and there is no other here, answers with an empty object. */
export const GetFunctionCodeSigningConfig = operation({
  http: "GET /2020-06-30/functions/{FunctionName}/code-signing-config",
  input: z.object({ FunctionName: versionedFunctionName }),
  permission: ({ account, input }) => ({ resource: unqualifiedArn(account, input) }),
  run: ({ account, input }) => {
    findFunction(account, input);
    return {};
  },
});

export const ListFunctions = operation({
  http: "GET /2015-03-31/functions",
  input: paging.extend({
    FunctionVersion: z.enum(["ALL"]).optional(),
    MasterRegion: refusedMember("there are no Lambda@Edge replicas here; leave it out"),
  }),
  permission: () => ({ resource: "*" }),
  run: ({ account, input }) => {
    const all = Object.values(account.state.lambda.functions)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((fn) =>
        [fn.latest, ...(input.FunctionVersion === "ALL" ? fn.published : [])].map((version) => ({
          fn,
          version,
        })),
      );
    const { items, NextMarker } = listPage(all, input);
    return {
      Functions: items.map(({ fn, version }) =>
        listedConfiguration(account, fn.name, version, input.FunctionVersion === "ALL"),
      ),
      NextMarker,
    };
  },
});

export const DeleteFunction = operation({
  http: "DELETE /2015-03-31/functions/{FunctionName}",
  status: 204,
  input: ofVersion,
  permission: ({ account, input }) => ({ resource: requestedArn(account, input) }),
  run: ({ account, input }) => {
    const qualifier = qualifierOf(input);
    if (qualifier === "$LATEST") {
      throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
    }
    const fn = account.state.lambda.functions[ownName(account, input)];
    if (fn === undefined) {
      throw notFound(`Function not found: ${unqualifiedArn(account, input)}`);
    }
    if (qualifier === undefined) {
      delete account.state.lambda.functions[fn.name];
    } else if (/^\d+$/.test(qualifier)) {
      // Recorded: a version that isn't there is as good as deleted.
      fn.published = fn.published.filter(({ version }) => version !== qualifier);
    } else {
      throw invalidParameter("Deletion of aliases is not currently supported.");
    }
    environmentsOf(account).retire(fn.name);
  },
});
