/** Who may import whom: `npm run check` fails when a file breaks a rule of biome.json, or closes a circle. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const ROOT = path.join(__dirname, "..");
const BIOME = require.resolve("@biomejs/biome/bin/biome");

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), "import-rules-"));
  for (const file of ["biome.json", ".gitignore"]) {
    copyFileSync(path.join(ROOT, file), path.join(project, file));
  }
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

/** Checks files, as `npm run check` does, each of which imports one other. */
function check(imports: Readonly<Record<string, string>>) {
  for (const [file, imported] of Object.entries(imports)) {
    const target = path.join(project, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, `import { it } from "${imported}";\n\nexport const them = [it];\n`);
  }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [BIOME, "check", "--error-on-warnings", "--colors=off", "."],
    { cwd: project, encoding: "utf8" },
  );
  return { status, output: stdout + stderr };
}

test.each([
  ["stacks/modules/a.ts", "./b"],
  ["stacks/modules/a.ts", "../settings"],
  ["stacks/modules/a.ts", "../../harness"],
  ["stacks/modules/a.ts", "../../iam-policy/document"],
  ["stacks/api-stack.ts", "../harness"],
  ["stacks/api-stack.ts", "../harness/outputs"],
  ["stacks/api-stack.ts", "../local-aws"],
  ["stacks/api-stack.ts", "../scripts/cdktf"],
  ["stacks/api-stack.ts", "../iam-policy/document"],
  ["functions/login.ts", "../stacks/login-settings"],
  ["functions/login/cognito.ts", "../../harness"],
  ["iam-policy/document.ts", "../local-aws/account"],
  ["iam-policy/document.ts", "../harness"],
  ["local-aws/server.ts", "../harness"],
  ["local-aws/services/iam/role.ts", "../../../harness/outputs"],
  ["local-aws/server.ts", "../stacks/settings"],
  ["local-aws/server.ts", "../functions/hello"],
  ["local-aws/cli.ts", "../scripts/local"],
  ["harness/flow.ts", "../local-aws"],
  ["harness/steps/pool.ts", "../../local-aws/account"],
  ["harness/steps/pool.ts", "../../stacks/settings"],
  ["harness/cli/main.ts", "../../scripts/process"],
  ["harness/flow.ts", "../iam-policy/document"],
  ["harness/reporting/policies.ts", "../../local-aws"],
  ["harness/access/computed.ts", "../../local-aws"],
  ["harness/flow.ts", "../web/developer-identity"],
  ["harness/reporting/policies.ts", "../../web/developer-identity"],
  ["local-aws/server.ts", "../web/developer-identity"],
  ["local-aws/account/file.ts", "../../web/developer-identity"],
  ["stacks/api-stack.ts", "../web/developer-identity"],
  ["web/developer-identity.ts", "./page/client"],
  ["web/developer-identity.ts", "../iam-policy/document"],
  ["web/page/main.ts", "../../harness"],
  ["web/page/main.ts", "../../local-aws"],
  ["web/page/main.ts", "../../scripts/web"],
  ["web/page/main.ts", "../../iam-policy/evaluate"],
])("%s may not import %s", (file, imported) => {
  const { status, output } = check({ [file]: imported });
  expect(output).toContain("lint/style/noRestrictedImports");
  expect(status).not.toBe(0);
});

test.each([
  ["stacks/modules/a.ts", "cdktf"],
  ["stacks/modules/a.ts", "@cdktf/provider-aws/lib/iam-role"],
  ["stacks/api-stack.ts", "./modules/rest-api"],
  ["iam-policy/evaluate.ts", "./document"],
  ["local-aws/authorize/authorize.ts", "../../iam-policy/evaluate"],
  ["harness/reporting/policies.ts", "../../iam-policy/document"],
  ["harness/access/computed.ts", "../../iam-policy/evaluate"],
  ["scripts/e2e.ts", "../harness"],
  ["web/page/main.ts", "../developer-identity"],
  ["web/developer-identity.ts", "aws4fetch"],
  ["test/a.test.ts", "../local-aws/account"],
])("%s may import %s", (file, imported) => {
  const { status, output } = check({ [file]: imported });
  expect(output).not.toContain("noRestrictedImports");
  expect(status).toBe(0);
});

test("two files may not import each other, not even by way of a third", () => {
  const { status, output } = check({
    "local-aws/a.ts": "./b",
    "local-aws/b.ts": "./services/c",
    "local-aws/services/c.ts": "../a",
  });
  expect(output).toContain("lint/suspicious/noImportCycles");
  expect(status).not.toBe(0);
});

test("files in a row are no circle", () => {
  expect(check({ "local-aws/a.ts": "./b", "local-aws/b.ts": "./c" })).toMatchObject({ status: 0 });
});
