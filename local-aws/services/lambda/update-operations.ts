/** Changes of a function's code and configuration. */
import { z } from "zod";
import { operation } from "../service";
import { codeMembers, readCode } from "./code";
import {
  architectures,
  configurationOf,
  NO_CAPACITY_PROVIDERS,
  type Settings,
  settings,
  touched,
  withSettings,
} from "./configuration";
import { environmentsOf } from "./environments";
import { staleRevision } from "./failure";
import { findFunction, functionName, unqualifiedArn } from "./functions";
import { passRole, requireAssumable } from "./role";
import { publish } from "./versions";

const UPDATING = {
  LastUpdateStatus: "InProgress",
  LastUpdateStatusReason: "The function is being created.",
  LastUpdateStatusReasonCode: "Creating",
};

export const UpdateFunctionCode = operation({
  http: "PUT /2015-03-31/functions/{FunctionName}/code",
  input: z.object({
    ...codeMembers,
    FunctionName: functionName,
    Architectures: architectures.optional(),
    Publish: z.boolean().optional(),
    DryRun: z.boolean().optional(),
    RevisionId: z.string().optional(),
    PublishTo: NO_CAPACITY_PROVIDERS,
  }),
  permission: ({ account, input }) => ({ resource: unqualifiedArn(account, input) }),
  run: async ({ account, input }) => {
    const code = await readCode(input);
    const fn = findFunction(account, input);
    if (input.RevisionId !== undefined && input.RevisionId !== fn.latest.revisionId) {
      throw staleRevision();
    }
    const changed = {
      ...fn.latest,
      ...touched(account),
      code,
      architectures: input.Architectures ?? fn.latest.architectures,
    };
    if (input.DryRun) {
      return configurationOf(account, fn.name, changed);
    }
    fn.latest = changed;
    environmentsOf(account).retire(fn.name);
    const shown = input.Publish ? publish(account, fn) : fn.latest;
    return configurationOf(account, fn.name, shown, { progress: UPDATING });
  },
});

export const UpdateFunctionConfiguration = operation({
  http: "PUT /2015-03-31/functions/{FunctionName}/configuration",
  input: z.object({
    ...settings,
    Role: settings.Role.optional(),
    FunctionName: functionName,
    RevisionId: z.string().optional(),
  }),
  permission: ({ account, input }) => [
    { resource: unqualifiedArn(account, input) },
    ...(input.Role === undefined ? [] : [passRole(input.Role)]),
  ],
  run: ({ account, input }) => {
    const fn = findFunction(account, input);
    if (input.RevisionId !== undefined && input.RevisionId !== fn.latest.revisionId) {
      throw staleRevision();
    }
    const change: Settings = input;
    const changed = { ...withSettings(fn.latest, change), ...touched(account) };
    if (change.Role !== undefined) {
      requireAssumable(account, change.Role);
    }
    fn.latest = changed;
    environmentsOf(account).retire(fn.name);
    return configurationOf(account, fn.name, fn.latest, { progress: UPDATING });
  },
});
