/** Deploys, walks and asks who may call what, with whatever is otherwise in between. */
import { type AccessReport, parseOutputs, type Report, type WalkOptions, walkFlow } from "../../harness";
import { parseAccess } from "../../harness/access/file";
import type { LocalAws } from "../../local-aws";
import { type DeploymentFaults, type DeploymentOutputs, deployWithSdk } from "../../scripts/sdk-deployment";
import { identitySession } from "./identity-session";
import { type Interference, type Passing, startProxy } from "./proxy";

/** What the deployment is to be, where it has no faults. */
export const DECLARED = { "GET /hello": ["signed-in"], "GET /restricted": [] };

interface AccessWalk {
  /** What is there already. @default it is deployed */
  readonly deployed?: DeploymentOutputs;
  readonly faults?: DeploymentFaults;
  readonly declared?: Readonly<Record<string, unknown>>;
  readonly options?: Partial<WalkOptions>;
  /** Told of each call on its way. */
  readonly passing?: (passing: Passing) => Interference | undefined;
  /** Done to what is deployed. */
  readonly change?: (outputs: DeploymentOutputs) => Promise<unknown>;
}

export async function walkAccess(
  local: LocalAws,
  { deployed, faults, declared = DECLARED, options, passing, change }: AccessWalk = {},
) {
  const outputs = deployed ?? (await deployWithSdk(local, faults));
  await change?.(outputs);
  const proxy = await startProxy(local.endpoint, passing ?? (() => undefined));
  try {
    const report = await walkFlow({
      deployment: parseOutputs({ stack: outputs }, "test"),
      endpoint: proxy.endpoint,
      credentials: local.credentials,
      refusals: false,
      access: parseAccess(JSON.stringify(declared), "access.json"),
      ...options,
    });
    return { report, outputs, access: report.access as AccessReport };
  } finally {
    await proxy.close();
  }
}

/** A line a cell, what was observed before what was computed: `GET /hello, nobody: refused/refused passed`, `-` for nothing. */
export function accessLines({ cells }: AccessReport): string[] {
  return cells.map(
    ({ route, caller, observed, computed, status }) =>
      `${route}, ${caller}: ${observed ?? "-"}/${computed ?? "-"} ${status}`,
  );
}

export function cell({ access }: Report, route: string, caller: string) {
  return access?.cells.find((one) => one.route === route && one.caller === caller);
}

/** Credentials that may do what the harness needs, but for some actions, and that may call no API. */
export function nightly(local: LocalAws, ...without: readonly string[]) {
  const Action = ["cognito-identity:*", "iam:Get*", "iam:List*", "apigateway:GET"];
  return identitySession(local, "nightly", [
    { Effect: "Allow", Action, Resource: "*" },
    ...without.map((action) => {
      const [denied, resource = "*"] = action.split(" ");
      return { Effect: "Deny", Action: denied, Resource: resource };
    }),
  ]);
}
