/** What the documents point at is there, and the README knows every setting and output, CONTRIBUTING every npm script. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Testing } from "cdktf";
import { callLines } from "../scripts/call-lines";
import { ApiStack } from "../stacks/api-stack";
import { IdentityStack } from "../stacks/identity-stack";
import type { LoginSettings } from "../stacks/login-settings";
import { LoginStack } from "../stacks/login-stack";
import { readSettings, SETTING_NAMES } from "../stacks/settings";

const ROOT = path.join(__dirname, "..");
const EXAMPLES = readdirSync(path.join(ROOT, "examples")).map((name) => `examples/${name}/README.md`);
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(path.join(ROOT, "docs")).flatMap((name) => (name.endsWith(".md") ? `docs/${name}` : [])),
  "local-aws/FIDELITY.md",
  "stacks/modules/README.md",
  ...EXAMPLES,
];
const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");

/** A heading's anchor, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

/** Of headings that say the same, GitHub numbers all but the first. */
function anchorsOf(file: string): string[] {
  const anchors = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
  return anchors.map((anchor, index) => {
    const before = anchors.slice(0, index).filter((one) => one === anchor).length;
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

test.each(DOCUMENTS)("%s links to what is there", (file) => {
  const targets = [...read(file).matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)].map(
    ([, link, image = ""]) => link ?? image,
  );
  const missing = targets.filter((target) => {
    if (/^https?:/.test(target)) {
      return false;
    }
    const [to = "", anchor] = target.split("#");
    const linked = to === "" ? file : path.join(path.dirname(file), to);
    return (
      !existsSync(path.join(ROOT, linked)) || (anchor !== undefined && !anchorsOf(linked).includes(anchor))
    );
  });
  expect(missing).toEqual([]);
});

test("the README has every setting in its table and every output; it or CONTRIBUTING every npm script", () => {
  const readme = read("README.md");
  const app = Testing.app();
  const settings = readSettings({
    APP_INTROSPECTION_URL: "https://app.example/introspect",
    PRINCIPAL_TAGS: "sub=username",
    USER_ROUTES: "true",
  });
  const identity = new IdentityStack(app, "identity", { settings });
  const api = new ApiStack(app, "api", { settings, authenticatedRole: identity.authenticatedRole });
  const login = new LoginStack(app, "login", {
    settings,
    login: settings.login as LoginSettings,
    pool: identity.pool,
  });
  const outputs = [identity, api, login].flatMap((stack) =>
    Object.keys(JSON.parse(Testing.synth(stack)).output),
  );
  const { scripts } = JSON.parse(read("package.json"));
  const documents = readme + read("CONTRIBUTING.md");
  const named = [...SETTING_NAMES.map((name) => `| \`${name}\` |`), ...outputs.map((name) => `\`${name}\``)];
  const commands = Object.keys(scripts).map((name) => (name === "test" ? "npm test" : name));
  expect(named.filter((text) => !readme.includes(text))).toEqual([]);
  expect(commands.filter((text) => !documents.includes(text))).toEqual([]);
});

test("the README's walk is the one that the package's test makes", () => {
  const [code = ""] = /^import [\s\S]*/m.exec(read("test/e2e/package/flow.ts")) ?? [];
  expect(read("README.md")).toContain(`\`\`\`ts\n${code}\`\`\``);
});

test("the README calls the API with the lines that are printed", () => {
  expect(read("README.md")).toContain(`\n${callLines().join("\n")}\n`);
});

test("the README's contents list every section after them, in order", () => {
  const [, contents = "", rest = ""] = /^## Contents\n(.*?)^(## .*)/ms.exec(read("README.md")) ?? [];
  const listed = [...contents.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = ""]) => anchor);
  const anchors = anchorsOf("README.md");
  expect(listed).toEqual(anchors.filter((anchor) => listed.includes(anchor)));
  const sections = [...rest.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
  expect(sections.filter((anchor) => !listed.includes(anchor))).toEqual([]);
});
