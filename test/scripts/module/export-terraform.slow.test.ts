/**
 * The stacks as a Terraform module, as a team takes it that writes HCL: exported, called as its own README says, applied,
 * walked both ways, and destroyed. Each test goes on where the one before it ended.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { readOutputs, walkFlow } from "../../../harness";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { createWorkspace, type Workspace } from "../../../scripts/workspace";
import { type Application, AUDIENCE, ISSUER, startApplication } from "../../support/application-session";
import { PROJECT, runToEnd } from "../../support/programs";
import { stackDirectory, terraformIn } from "../../support/terraform";

jest.setTimeout(300_000);

const OUTPUT = "developer_identities";

let account: LocalAws;
let workspace: Workspace;
let application: Application;
/** The team's own configuration, and the module in it. */
let root: string;
let called: string;

beforeAll(async () => {
  account = await startLocalAws();
  workspace = createWorkspace();
  application = await startApplication("EdDSA");
  root = path.join(workspace.directory, "root");
  called = path.join(root, "modules", "identities");
  mkdirSync(path.join(root, "modules"), { recursive: true });
});

afterAll(async () => {
  workspace?.remove();
  await account?.stop();
});

function exportModule(settings: Record<string, string>, ...options: string[]) {
  const script = path.join(PROJECT, "scripts", "module.ts");
  const args = ["--import", "tsx", script, "export-terraform", called, ...options];
  return runToEnd(process.execPath, args, { PATH: process.env.PATH, ...settings }, PROJECT);
}

function terraform(...args: string[]) {
  return terraformIn(root, workspace, account.environment, ...args);
}

/** What the module's own README says, with other values for some variables. */
function example(values: Record<string, string>): string {
  const [, hcl = ""] = /```hcl\n(.*?)```/s.exec(readFileSync(path.join(called, "README.md"), "utf8")) ?? [];
  return Object.entries(values).reduce(
    (text, [name, value]) => {
      const line = new RegExp(`^( +${name} += ).*$`, "m");
      expect(text).toMatch(line);
      return text.replace(line, (_, before) => before + JSON.stringify(value));
    },
    hcl.replace('"./identities"', '"./modules/identities"'),
  );
}

test("is written with the settings of the environment, and never over what is there", async () => {
  const settings = {
    APP_JWKS: application.jwks,
    APP_ISSUER: ISSUER,
    APP_AUDIENCE: AUDIENCE,
    PRINCIPAL_TAGS: "sub=username",
    USER_ROUTES: "true",
    PROTECT_IDENTITIES: "false",
  };
  expect(await exportModule({ ALLOWED_ORIGIN: "nowhere" })).toMatchObject({
    code: 2,
    output: expect.stringContaining("ALLOWED_ORIGIN"),
  });
  expect(await exportModule(settings)).toMatchObject({ code: 0 });
  expect(await exportModule(settings)).toMatchObject({ code: 0 });
  const readme = path.join(called, "README.md");
  const written = readFileSync(readme, "utf8");
  writeFileSync(readme, "Ours now.\n");
  expect(await exportModule(settings)).toEqual({
    code: 1,
    output: `${readme} is there already, with another content.\nNothing was written. --force writes over it.\n`,
  });
  expect(readFileSync(readme, "utf8")).toBe("Ours now.\n");
  expect(await exportModule(settings, "--force")).toMatchObject({ code: 0 });
  expect(readFileSync(readme, "utf8")).toBe(written);
});

test("is called from HCL, applied, and planned again without a change", async () => {
  writeFileSync(
    path.join(root, "main.tf"),
    example({ stage: "blue", name_prefix: "shop", allowed_origin: "https://shop.example" }),
  );
  await terraform("init", "-input=false");
  await terraform("validate");
  expect((await terraform("apply", "-input=false", "-auto-approve")).output).toMatch(
    /Apply complete! .* added/,
  );
  expect(await terraform("plan", "-input=false", "-detailed-exitcode")).toMatchObject({ code: 0 });
  const names = account.resources().filter((name) => /shop-blue-/.test(name));
  expect(names.length).toBeGreaterThan(5);
});

test("the harness walks it, as a backend and as a client", async () => {
  const file = path.join(root, "outputs.json");
  writeFileSync(file, (await terraform("output", "-json", OUTPUT)).output);
  const deployment = readOutputs(file);
  expect(deployment).toMatchObject({
    invokeUrl: expect.stringMatching(/\/blue$/),
    allowedOrigin: "https://shop.example",
    userRoute: "GET /users/{username}",
  });
  const { endpoint, credentials } = account;
  const backend = await walkFlow({ deployment, endpoint, credentials });
  const sessions = {
    valid: () => application.session(),
    defective: (kind: string) =>
      application.session(
        { sub: "alice" },
        kind === "expired" ? { expiresIn: -120 } : { audience: "another" },
      ),
  };
  const client = await walkFlow({ deployment, endpoint, sessions });
  for (const { outcome, steps, refusals } of [backend, client]) {
    expect(outcome).toBe("passed");
    expect([...steps, ...refusals].filter(({ status }) => status !== "passed")).toEqual([]);
  }
  expect([backend.steps.length, client.steps.length]).toEqual([5, 3]);
  expect(backend.refusals.length).toBeGreaterThan(20);
});

/** Calls of the module with one value each: those that Terraform must take, and those that it must refuse. */
const TAKEN = [
  ["allowed_origin", "http://localhost:3000"],
  ["allowed_origin", "http://[::1]:3000"],
  ["allowed_origin", "https://shop.example:8443"],
  ["developer_provider_name", "Login_1.shop-2"],
  ["stage", "a-2"],
] as const;
const REFUSED = [
  ["allowed_origin", "https://shop.example/"],
  ["allowed_origin", "http://shop.example"],
  ["allowed_origin", "https://shop.example:443"],
  ["allowed_origin", "https://shop.example', 'evil"],
  ["app_audience", "two words"],
  ["app_issuer", ""],
  ["app_jwks", "{}"],
  ["app_jwks", '{"keys":[{"kid":"1","kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}]}'],
  ["app_jwks", '{"keys":[]}'],
  ["developer_provider_name", "log in"],
  ["name_prefix", "Shop"],
  ["name_prefix", "a".repeat(21)],
  ["stage", "not ok"],
  ["stage", "x\nx"],
] as const;

/** Terraform's words, which it breaks into lines. */
async function refusedPlan(): Promise<string> {
  const plan = terraform("plan", "-input=false", "-refresh=false");
  const refusal = await plan.then(
    () => "",
    ({ message }: Error) => message,
  );
  return refusal.replace(/\s+/g, " ");
}

test("a wrong value is refused at the plan, in the words of the setting", async () => {
  const calls = (of: typeof TAKEN | typeof REFUSED, origin: string) =>
    of.map(
      ([name, value], index) => `module "${origin}_${index}" {
  source         = "./modules/identities"
  allowed_origin = ${JSON.stringify(name === "allowed_origin" ? value : "https://shop.example")}
  ${name === "allowed_origin" ? "" : `${name} = ${JSON.stringify(value)}`}
}
`,
    );
  // Each on its own would be right.
  const together = `module "together" {
  source         = "./modules/identities"
  stage          = "prod"
  allowed_origin = "*"
}
`;
  writeFileSync(
    path.join(root, "wrong.tf"),
    [...calls(TAKEN, "taken"), ...calls(REFUSED, "refused")].join("\n"),
  );
  await terraform("init", "-input=false");
  const refusal = await refusedPlan();
  const refused = [...refusal.matchAll(/ in module "(\w+)":/g)].map(([, name]) => name);
  expect([...new Set(refused)].sort()).toEqual(REFUSED.map((_, index) => `refused_${index}`).sort());
  expect(refusal).toContain("stage: give a lower-case letter, then lower-case letters, digits and hyphens;");
  writeFileSync(path.join(root, "wrong.tf"), together);
  await terraform("init", "-input=false");
  expect(await refusedPlan()).toMatch(
    /output value precondition failed .*"\*" \(the default\) for the stages local and dev only/,
  );
  writeFileSync(path.join(root, "wrong.tf"), "");
});

test("destroys everything", async () => {
  await terraform("destroy", "-input=false", "-auto-approve");
  expect(account.resources()).toEqual([]);
});

test("what cdktf writes as HCL is refused, in the words of the project's README", async () => {
  const cli = createRequire(__filename).resolve("cdktf-cli/bundle/bin/cdktf");
  const env = { ...workspace.environment, ...account.environment };
  const synth = await runToEnd(process.execPath, [cli, "synth", "--hcl"], env, workspace.directory);
  expect(synth).toMatchObject({ code: 0 });
  const init = terraformIn(stackDirectory(workspace, "api"), workspace, {}, "init", "-backend=false");
  const refusal = await init.then(
    () => "",
    ({ message }: Error) => message,
  );
  const readme = readFileSync(path.join(PROJECT, "README.md"), "utf8");
  const [, quoted = ""] = /synth --hcl`.*?```\n(.*?)```/s.exec(readme) ?? [];
  const lines = quoted.split("\n").flatMap((line) => line.replace(/…$/, "").trim() || []);
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.filter((line) => !refusal.includes(line))).toEqual([]);
});
