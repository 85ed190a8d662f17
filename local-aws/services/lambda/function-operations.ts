/** The life of a function: created, read, listed, deleted. */
import { z } from "zod";
import { dictionary } from "../../dictionary";
import { operation } from "../../service";
import { codeMembers, readCode } from "./code";
import { architectures, configurationOf, settings, touched, withSettings } from "./configuration";
import { environmentsOf } from "./environments";
import { conflict, invalidParameter } from "./failure";
import {
  findFunction,
  findVersion,
  functionName,
  ofVersion,
  requestedArn,
  wholeArn,
  wholeName,
} from "./functions";
import { listPage, paging } from "./paging";
import { passRole, requireAssumable } from "./role";
import type { LambdaFunction } from "./state";
import { tags } from "./tags";
import { publish } from "./versions";

const CREATING = {
  State: "Pending",
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
    Architectures: architectures.optional(),
    Publish: z.boolean().optional(),
    Tags: tags.optional(),
    CodeSigningConfigArn: z.string().optional(),
  }),
  permission: ({ account, input }) => {
    const resource = wholeArn(account, input);
    return [
      { resource },
      passRole(input.Role),
      ...(input.Tags ? [{ action: "lambda:TagResource", resource }] : []),
    ];
  },
  run: async ({ account, input }) => {
    const name = wholeName(account, input);
    if (name === undefined) {
      throw invalidParameter(
        `${input.FunctionName} doesn't name a function of account ${account.id} in ${account.region}.`,
      );
    }
    const exists = () => account.state.lambda.functions[name] !== undefined;
    if (exists()) throw conflict(`Function already exist: ${name}`);
    if (input.PackageType === "Image" || input.CodeSigningConfigArn !== undefined) {
      throw invalidParameter(
        "Local AWS runs unsigned zip packages only: leave out PackageType Image and CodeSigningConfigArn.",
      );
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
    if (exists()) throw conflict(`Function already exist: ${name}`);
    const fn: LambdaFunction = {
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
    };
    account.state.lambda.functions[name] = fn;
    const shown = input.Publish ? publish(account, fn) : fn.latest;
    return configurationOf(account, name, shown, CREATING);
  },
});

export const GetFunction = operation({
  http: "GET /2015-03-31/functions/{FunctionName}",
  input: ofVersion,
  permission: ({ account, input }) => ({ resource: requestedArn(account, input) }),
  run: ({ account, input }) => {
    const { fn, version } = findVersion(account, input);
    return {
      Configuration: configurationOf(account, fn.name, version),
      Code: { RepositoryType: "S3" },
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
    const { fn, version } = findVersion(account, input);
    return configurationOf(account, fn.name, version);
  },
});

/** A function without code signing, and there is no other here, answers with an empty object. */
export const GetFunctionCodeSigningConfig = operation({
  http: "GET /2020-06-30/functions/{FunctionName}/code-signing-config",
  input: z.object({ FunctionName: functionName }),
  permission: ({ account, input }) => ({ resource: wholeArn(account, input) }),
  run: ({ account, input }) => {
    findFunction(account, input);
    return {};
  },
});

export const ListFunctions = operation({
  http: "GET /2015-03-31/functions",
  input: paging.extend({ FunctionVersion: z.enum(["ALL"]).optional() }),
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
      Functions: items.map(({ fn, version }) => configurationOf(account, fn.name, version)),
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
    const { fn, version, qualified } = findVersion(account, input);
    if (!qualified) {
      delete account.state.lambda.functions[fn.name];
    } else if (version.version === "$LATEST") {
      throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
    } else {
      fn.published = fn.published.filter((one) => one !== version);
    }
    environmentsOf(account).retire(fn.name);
  },
});
