/**
 * The deployer policy, proved: real Terraform records it, lives a whole deployment under a role that has nothing else, and fails
 * without any one of its statements.
 */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { parsePolicy } from "../../iam-policy/document";
import { evaluate, type Policy, type RequestPrincipal } from "../../iam-policy/evaluate";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { Life, type Phase } from "../../scripts/deployer-policy/life";
import {
  MANAGED_POLICY_LIMIT,
  type PolicyDocument,
  policyFor,
  type Statement,
  sizeOf,
} from "../../scripts/deployer-policy/policy";
import { type Access, record } from "../../scripts/deployer-policy/recording";
import { DemoLogin } from "../../scripts/web/demo-login";
import { createWorkspace, type Workspace } from "../../scripts/workspace";
import { expectDocumented } from "../support/documented-policy";
import { identitySession } from "../support/identity-session";

jest.setTimeout(600_000);

/** What the app can have, all of it. */
const settings = {
  STAGE: "prod",
  NAME_PREFIX: "shop",
  AWS_ACCOUNT_ID: "111122223333",
  ALLOWED_ORIGIN: "https://app.example",
  PRINCIPAL_TAGS: "sub=username",
  USER_ROUTES: "true",
  VERIFIER: "on",
  VERIFIER_REPOSITORY: "shop/infra",
};
const account = { region: "us-east-1", accountId: settings.AWS_ACCOUNT_ID };
const nobody = new AbortController().signal;

let workspace: Workspace;
let life: Life;
let recording: Access[];

beforeAll(async () => {
  workspace = createWorkspace();
  const login = await DemoLogin.ephemeral();
  life = await Life.begin(workspace, { ...login.settings(settings.ALLOWED_ORIGIN), ...settings }, nobody);
  recording = await record(life, life.phases, account);
});

afterAll(() => workspace?.remove());

function policyOf(needed: readonly Access[]): Promise<PolicyDocument> {
  const tags = { project: settings.NAME_PREFIX, stage: settings.STAGE };
  return policyFor(needed, { configuration: life.configuration, tags });
}

const planned = (needed: readonly Access[]) => needed.filter(({ phase }) => phase.name === "plan");

/** A role of the account whose policy can be changed, and the environment of its session. */
async function role(aws: LocalAws, user: string) {
  const session = await identitySession(aws, user, []);
  const iam = new IAMClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
  return {
    name: user,
    environment: {
      ...aws.environment,
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken,
    },
    async may({ Version, Statement }: PolicyDocument): Promise<void> {
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: session.roleName,
          PolicyName: "granted",
          PolicyDocument: JSON.stringify({ Version, Statement }),
        }),
      );
    },
    close: () => iam.destroy(),
  };
}

/** What a phase begins with: the account's file and Terraform's states, as the phase before left them. */
class Snapshots {
  readonly file = path.join(workspace.directory, "account.json");
  private readonly states = path.join(workspace.directory, ".terraform-state");

  take(phase: Phase): void {
    mkdirSync(this.states, { recursive: true });
    cpSync(this.file, path.join(this.of(phase), "account.json"));
    cpSync(this.states, path.join(this.of(phase), "states"), { recursive: true });
  }

  restore(phase: Phase): void {
    rmSync(this.states, { recursive: true });
    cpSync(path.join(this.of(phase), "account.json"), this.file);
    cpSync(path.join(this.of(phase), "states"), this.states, { recursive: true });
  }

  private of({ name, stack }: Phase): string {
    return path.join(workspace.directory, "snapshots", `${name}-${stack}`);
  }
}

/** The first permission that the policy doesn't grant: planning is tried first, since it changes nothing. */
function firstRefused(policy: PolicyDocument, needed: readonly Access[]): Access | undefined {
  const granted: Policy = {
    kind: "identity-based",
    name: "policy",
    document: parsePolicy(JSON.stringify(policy)),
  };
  const principal: RequestPrincipal = { type: "AWS", id: "arn:aws:iam::111122223333:role/deployer" };
  return [...planned(needed), ...needed].find(
    ({ action, resource, context }) =>
      evaluate({ principal, action, resource, context }, [granted]).effect !== "allow",
  );
}

const without = ({ Version, Statement }: PolicyDocument, left: Statement): PolicyDocument => ({
  Version,
  Statement: Statement.filter((statement) => statement !== left),
});

test("deploy, plan, change and destroy pass with the policies, and fail without any one statement", async () => {
  const whole = await policyOf(recording);
  const reading = await policyOf(planned(recording));
  const snapshots = new Snapshots();
  let aws = await startLocalAws({ ...account, data: snapshots.file });
  const { port } = aws;
  const [deployer, planner] = [await role(aws, "deployer"), await role(aws, "planner")];
  try {
    const nothingElse = aws.resources();
    await deployer.may(whole);
    await planner.may(reading);
    for (const phase of life.phases) {
      snapshots.take(phase);
      await life.live(phase, (phase.name === "plan" ? planner : deployer).environment);
    }
    expect(aws.resources()).toEqual(nothingElse);

    const refusals: string[] = [];
    for (const statement of whole.Statement) {
      const rest = without(whole, statement);
      const { phase, action } = firstRefused(rest, recording) as Access;
      await aws.stop();
      snapshots.restore(phase);
      aws = await startLocalAws({ ...account, data: snapshots.file, port });
      await deployer.may(rest);
      const failed = await life.live(phase, deployer.environment).then(() => "passed", String);
      const { Sid } = statement;
      expect({ Sid, failed }).toEqual({ Sid, failed: expect.stringMatching(refusalOf(action)) });
      refusals.push(`without ${Sid}: ${phase.name} ${phase.stack} fails, ${action}`);
    }
    process.stdout.write(`${refusals.join("\n")}\n`);
  } finally {
    deployer.close();
    planner.close();
    await aws.stop();
  }
});

/** AWS's words; Cognito has its own for a role that may not be passed. */
function refusalOf(action: string): RegExp {
  return new RegExp(`is not authorized to perform: ${action} on|Access to Role \\S+ is\\s+forbidden`);
}

test("each action of both is needed, and AWS documents each action, resource and condition key", async () => {
  for (const needed of [recording, planned(recording)]) {
    const policy = await policyOf(needed);
    expect(firstRefused(policy, needed)).toBeUndefined();
    for (const statement of policy.Statement) {
      for (const action of statement.Action) {
        const others = statement.Action.filter((other) => other !== action);
        const rest = others.length === 0 ? [] : [{ ...statement, Action: others }];
        const less = { ...policy, Statement: [...without(policy, statement).Statement, ...rest] };
        expect(firstRefused(less, needed)?.action).toBe(action);
      }
    }
    await expectDocumented(policy);
    expect(sizeOf(policy)).toBeLessThan(MANAGED_POLICY_LIMIT);
  }
});
