/** Throttling, logging and caching per method of a stage, which clients change by patching the stage. */

import type { MethodSetting, Stage } from "../../account/state/apigateway";
import { badRequest, unsupported } from "./failure";
import { own } from "./lookup";
import { type PatchOperation, parseFlag, parseNumber, unescapePointer } from "./patch";

/**
 * What holds for a method without settings of its own: the account's limits, no logging, no cache.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
export const DEFAULT_SETTING: MethodSetting = {
  metricsEnabled: false,
  loggingLevel: "OFF",
  dataTraceEnabled: false,
  throttlingBurstLimit: 5000,
  throttlingRateLimit: 10_000,
  cachingEnabled: false,
  cacheTtlInSeconds: 300,
  cacheDataEncrypted: false,
  requireAuthorizationForCacheControl: true,
  unauthorizedCacheControlHeaderStrategy: "SUCCEED_WITH_RESPONSE_HEADER",
};

/** The settings by the end of their patch path. */
const PROPERTIES: Readonly<Record<string, (setting: MethodSetting, value: string | undefined) => void>> = {
  "metrics/enabled": (setting, value) => {
    setting.metricsEnabled = parseFlag(value);
  },
  "logging/loglevel": (setting, value) => {
    if (value !== "OFF" && value !== "ERROR" && value !== "INFO") {
      throw badRequest("Invalid logging level. Valid options are OFF, ERROR, INFO");
    }
    setting.loggingLevel = value;
  },
  "logging/dataTrace": (setting, value) => {
    setting.dataTraceEnabled = parseFlag(value);
  },
  "throttling/burstLimit": (setting, value) => {
    setting.throttlingBurstLimit = Math.trunc(parseNumber(value));
  },
  "throttling/rateLimit": (setting, value) => {
    setting.throttlingRateLimit = parseNumber(value);
  },
  "caching/enabled": (setting, value) => {
    if (parseFlag(value)) {
      throw unsupported("response caching", "Leave caching off.");
    }
    setting.cachingEnabled = false;
  },
  "caching/ttlInSeconds": (setting, value) => {
    setting.cacheTtlInSeconds = Math.trunc(parseNumber(value));
  },
  "caching/dataEncrypted": (setting, value) => {
    setting.cacheDataEncrypted = parseFlag(value);
  },
  "caching/requireAuthorizationForCacheControl": (setting, value) => {
    setting.requireAuthorizationForCacheControl = parseFlag(value);
  },
  "caching/unauthorizedCacheControlHeaderStrategy": (setting, value) => {
    setting.unauthorizedCacheControlHeaderStrategy = value ?? "";
  },
};

/** A resource's path (or an asterisk), a verb (or an asterisk), and what is set; the path's slashes may be escaped or plain. */
const PATCH_PATH = /^\/(?<method>.*\/(?:[A-Z]+|\*))\/(?<property>[a-z]+\/[A-Za-z]+)$/;

/** The settings of one method as a whole, which can only be removed; `/variables/NAME` is the stage's own. */
const REMOVED_PATH = /^\/(?!variables\/).+\/(?:[A-Z]+|\*)$/;

/** Tells whether a patch of a stage concerns the settings of its methods. */
export function isMethodSettingPatch({ op, path }: PatchOperation): boolean {
  return PATCH_PATH.test(path) || (op === "remove" && REMOVED_PATH.test(path));
}

/**
 * Changes the stage's method settings.
 * @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateStage-Patch
 */
export function patchMethodSetting(stage: Stage, operation: PatchOperation): void {
  const { method, property } = PATCH_PATH.exec(operation.path)?.groups ?? {};
  if (method === undefined || property === undefined) {
    const key = operation.path.slice(1);
    if (!stage.methodSettings[key]) {
      throw badRequest(
        `Cannot remove method setting ${key} because there is no method setting for this method`,
      );
    }
    delete stage.methodSettings[key];
    return;
  }
  const set = own(PROPERTIES, property);
  if (!set || operation.op === "remove") {
    const known = Object.keys(PROPERTIES).map((path) => `/{resourcePath}/{httpMethod}/${path}`);
    throw badRequest(`Invalid method setting path: ${operation.path}. Must be one of: [${known.join(", ")}]`);
  }
  const setting = {
    ...(stage.methodSettings[method] ?? stage.methodSettings["*/*"] ?? DEFAULT_SETTING),
  };
  set(setting, operation.value ?? undefined);
  stage.methodSettings[method] = setting;
}

/** The settings in force for a method: its own, or those for all methods of the stage. */
export function methodSetting(stage: Stage, resourcePath: string, verb: string): MethodSetting {
  const byMethod = new Map(
    Object.entries(stage.methodSettings).map(([key, value]) => [normalKey(key), value]),
  );
  const path = resourcePath.replace(/^\//, "");
  return byMethod.get(`${path}/${verb}`) ?? byMethod.get("*/*") ?? DEFAULT_SETTING;
}

/** Clients write a resource's path with or without its leading slash, escaped or not. */
function normalKey(key: string): string {
  return unescapePointer(key).replace(/^\/+/, "").replace(/\/+/g, "/");
}
