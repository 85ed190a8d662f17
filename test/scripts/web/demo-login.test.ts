/** The key of the demonstration's login: kept for its owner alone, never quoted. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DemoLogin, UnusableDemoKeyError } from "../../../scripts/web/demo-login";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "demo-login-"));
  file = join(directory, "key.json");
});
afterEach(() => rmSync(directory, { recursive: true }));

const ORIGIN = "http://127.0.0.1:5173";

test("is made once, kept for its owner, and never among the settings", async () => {
  const first = (await DemoLogin.fromFile(file)).settings(ORIGIN);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  chmodSync(file, 0o644);
  expect((await DemoLogin.fromFile(file)).settings(ORIGIN)).toEqual(first);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { d } = JSON.parse(readFileSync(file, "utf8")) as { d: string };
  expect(d).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify(first)).not.toContain(d);
});

test("each ephemeral one has a key of its own", async () => {
  const [one, other] = await Promise.all([DemoLogin.ephemeral(), DemoLogin.ephemeral()]);
  expect(one.settings(ORIGIN).APP_JWKS).not.toBe(other.settings(ORIGIN).APP_JWKS);
});

test.each(["", "{}", '{"kty":"EC","d":"c2VjcmV0"}'])(
  "a file that holds %j is told and left",
  async (text) => {
    writeFileSync(file, text);
    const read = DemoLogin.fromFile(file);
    await expect(read).rejects.toThrow(UnusableDemoKeyError);
    await expect(read).rejects.toThrow(`${file} holds no demo key. Remove it`);
    await expect(read).rejects.not.toThrow(/c2VjcmV0/);
    expect(readFileSync(file, "utf8")).toBe(text);
  },
);
