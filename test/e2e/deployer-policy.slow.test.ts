/**
 * The deployer policy, proved: real Terraform records it, lives a whole deployment under a role that has nothing else, and fails
 * without any one of its statements.
 */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { Life, type Phase } from "../../scripts/deployer-policy/life";
import { type PolicyDocument, policyFor, type Statement } from "../../scripts/deployer-policy/policy";
import { type Access, record } from "../../scripts/deployer-policy/recording";
import { createWorkspace, type Workspace } from "../../scripts/workspace";
import { DemoLogin } from "../../scripts/web/demo-login";
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
  private readonly directory = path.join(workspace.directory, "snapshots");
  readonly file = path.join(workspace.directory, "account.json");
  private readonly states = path.join(workspace.directory, ".terraform-state");

  take(phase: Phase): void {
    const kept = this.of(phase);
    mkdirSync(this.states, { recursive: true });
    cpSync(this.file, path.join(kept, "account.json"));
    cpSync(this.states, path.join(kept, "states"), { recursive: true });
  }

  restore(phase: Phase): void {
    const kept = this.of(phase);
    cpSync(path.join(kept, "account.json"), this.file);
    rmSync(this.states, { recursive: true });
    cpSync(path.join(kept, "states"), this.states, { recursive: true });
  }

  private of({ name, stack }: Phase): string {
    return path.join(this.directory, `${name}-${stack}`);
  }
}

test("the policies let deploy, plan, change and destroy pass, and without any one statement something fails", async () => {
  const whole = await policyOf(recording);
  const reading = await policyOf(planned(recording));
  const snapshots = new Snapshots();
  const start = () => startLocalAws({ ...account, data: snapshots.file });
  // What is known of the role has to be in the file that is copied: the session too.
  let aws = await start();
  const deployer = await role(aws, "deployer");
  const planner = await role(aws, "planner");
  const nothingElse = aws.resources();
  await deployer.may(whole);
  await planner.may(reading);
  for (const phase of life.phases) {
    snapshots.take(phase);
    const { environment } = phase.name === "plan" ? planner : deployer;
    await life.live(phase, environment);
  }
  expect(aws.resources()).toEqual(nothingElse);
  await aws.stop();
  console.log("passed", whole.Statement.length, reading.Statement.length);
});
