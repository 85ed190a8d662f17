/**
 * Each module in a project of its own outside of this one, with nothing but what its copying names: type-checked as `cdktf init` has it,
 * synthesized, and applied by real Terraform, two instances of it in one stack.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  CreateIdentityPoolCommand,
  DescribeIdentityPoolCommand,
  GetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { AssumeRoleWithWebIdentityCommand } from "@aws-sdk/client-sts";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { CopiedProject, STACK } from "../support/copied-project";
import { identitySession } from "../support/identity-session";
import { createFunction, createRole, invoke } from "../support/lambda-account";
import { GITHUB, type OidcIssuer, oidcIssuer } from "../support/oidc-issuer";
import { PROJECT } from "../support/programs";
import { terraform } from "../support/terraform";
import { Caller } from "./life-cycle/caller";
import { Clients } from "./life-cycle/clients";

jest.setTimeout(300_000);

const README = readFileSync(path.join(PROJECT, "README.md"), "utf8");

let github: OidcIssuer;
let account: LocalAws;
let clients: Clients;
let caller: Caller;
let project: CopiedProject;

beforeEach(async () => {
  github = await oidcIssuer();
  account = await startLocalAws({ oidcKeys: { [GITHUB]: github.keys } });
  clients = new Clients(account);
  caller = new Caller(account);
  project = new CopiedProject();
});

afterEach(async () => {
  project.workspace.remove();
  clients.close();
  await caller.close();
  await account.stop();
});

/** CDKTF, and CDK Terrain under its names, by the aliases that the README has. */
const CDKTFS = {
  cdktf: {},
  cdktn: { cdktf: alias("cdktf"), "@cdktf/provider-aws": alias("@cdktf/provider-aws") },
};

function alias(name: string): string {
  const found = README.split(/\s/).find((word) => word.startsWith(`${name}@npm:`));
  if (found === undefined) {
    throw new Error(`The README has no alias for ${name}.`);
  }
  return found;
}

describe.each(Object.entries(CDKTFS))("on %s", (_, replaced) => {
  /** Copies the module, and compiles it with both compilers. */
  async function copied(module: string): Promise<void> {
    await project.prepare(module, path.join(__dirname, "copied-modules", `${module}.ts`), replaced);
    expect(await project.compile()).toBe("");
    expect(await project.checkWithLatest()).toBe("");
  }

  function inStack(...args: readonly string[]) {
    return terraform(project.workspace, account.environment, STACK, ...args);
  }

  async function apply(): Promise<Record<string, { value: readonly string[] }>> {
    await inStack("init", "-input=false");
    await inStack("apply", "-input=false", "-auto-approve");
    expect((await inStack("plan", "-input=false", "-detailed-exitcode")).code).toBe(0);
    return JSON.parse((await inStack("output", "-json")).output);
  }

  test("developer-identity-pool: two pools, one of which was there; a trial that can go again", async () => {
    const { IdentityPoolId: existing = "" } = await clients.cognito.send(
      new CreateIdentityPoolCommand({
        IdentityPoolName: "bank",
        AllowUnauthenticatedIdentities: true,
        DeveloperProviderName: "login.bank.example",
      }),
    );
    await copied("developer-identity-pool");
    await project.synthesize({ existing, preventDestroy: true });
    const { pools } = await apply();
    expect(pools?.value[1]).toBe(existing);
    const described = await clients.cognito.send(
      new DescribeIdentityPoolCommand({ IdentityPoolId: existing }),
    );
    expect(described).toMatchObject({ AllowUnauthenticatedIdentities: false, AllowClassicFlow: false });
    const { Roles } = await clients.cognito.send(
      new GetIdentityPoolRolesCommand({ IdentityPoolId: existing }),
    );
    expect(Roles).toEqual({ authenticated: expect.stringMatching(/:role\/bank-authenticated$/) });

    await expect(inStack("destroy", "-auto-approve")).rejects.toThrow("prevent_destroy");
    await project.synthesize({ existing, preventDestroy: false });
    await inStack("destroy", "-auto-approve");
    await expect(
      clients.cognito.send(new DescribeIdentityPoolCommand({ IdentityPoolId: existing })),
    ).rejects.toThrow("not found");
  });

  test("node-function: two functions of one source, each under its own name and role", async () => {
    await copied("node-function");
    await project.synthesize();
    await apply();
    for (const whom of ["Ada", "Grace"]) {
      expect((await invoke(clients, `greet-${whom}`)).payload).toBe(`Hello ${whom}`);
    }
  });

  test("rest-api: two APIs in front of a function and for a role that were there", async () => {
    const echo = {
      lambda: clients.lambda,
      roleArn: await createRole(clients.iam, "echo", "lambda.amazonaws.com"),
    };
    await createFunction(echo, "echo", 'exports.handler = async () => ({ statusCode: 200, body: "here" });');
    const alice = await identitySession(account, "alice", []);
    await copied("rest-api");
    await project.synthesize({ caller: alice.roleName });
    const { apis } = await apply();
    expect(apis?.value).toHaveLength(2);
    for (const api of apis?.value ?? []) {
      expect((await caller.call(api, "GET", "/prod/health")).text).toBe("here");
      expect((await caller.call(api, "GET", "/prod/orders/1")).status).toBe(403);
      expect((await caller.call(api, "GET", "/prod/orders/1", alice)).text).toBe("here");
      expect((await caller.call(api, "GET", "/prod/accounts", alice)).text).toBe("here");
      expect((await caller.call(api, "GET", "/prod/secrets", alice)).status).toBe(403);
    }
  });

  test("github-role: two roles of one repository, each for its own jobs", async () => {
    await copied("github-role");
    await project.synthesize();
    const { roles } = await apply();
    const subjects = ["environment:production", "pull_request"].map((job) => `repo:shop@12/infra@74:${job}`);
    for (const [index, RoleArn] of (roles?.value ?? []).entries()) {
      for (const sub of subjects) {
        const call = clients.sts.send(
          new AssumeRoleWithWebIdentityCommand({
            RoleArn,
            RoleSessionName: "job",
            WebIdentityToken: await github.token({ sub }),
          }),
        );
        await (sub === subjects[index]
          ? expect(call).resolves.toMatchObject({ SubjectFromWebIdentityToken: sub })
          : expect(call).rejects.toThrow("Not authorized"));
      }
    }
    await inStack("destroy", "-auto-approve");
    expect(account.resources()).toEqual([]);
  });

  test("guard-rails: without any module, and without a provider's bindings", async () => {
    await copied("guard-rails");
    await project.synthesize();
    await expect(project.synthesize({ classic: true })).rejects.toThrow(
      "copied/pool: the pool allows the classic flow",
    );
  });
});
