/** The client file in a real browser: its cryptography, its fetch and its rules between origins are others than Node's. */
import {
  CognitoIdentityClient,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { describeInBrowser, startBrowser } from "../support/browser";
import { DEVELOPER_PROVIDER, type IdentitySession, identitySession } from "../support/identity-session";
import { PROJECT } from "../support/programs";
import { header, Recorder } from "../support/recorder";
import { KEY, SCOPE, verify } from "../support/signers";

describeInBrowser("developer-identity.ts in a browser", (program) => {
  let aws: LocalAws;
  let alice: IdentitySession;
  let browser: Browser;
  let page: Page;
  let recorder: Recorder;

  beforeAll(async () => {
    const { outputFiles } = await build({
      absWorkingDir: PROJECT,
      entryPoints: ["web/developer-identity.ts"],
      bundle: true,
      format: "esm",
      write: false,
    });
    recorder = await Recorder.start({
      "/": { headers: { "Content-Type": "text/html" }, body: "<title>A page</title>" },
      "/favicon.ico": { status: 404 },
      "/client.js": {
        headers: { "Content-Type": "text/javascript" },
        body: outputFiles[0]?.text ?? "",
      },
    });
    aws = await startLocalAws();
    alice = await identitySession(aws, "alice", []);
    browser = await startBrowser(program);
    page = await browser.newPage();
    await page.goto(recorder.origin);
  });
  afterAll(async () => {
    await browser?.close();
    await recorder?.stop();
    await aws?.stop();
  });

  /** Runs the body of a function in the page, with the file's exports and the arguments in scope. */
  function inPage<T>(body: string, given: object): Promise<T> {
    const names = Object.keys(given).join(", ");
    return page.evaluate(
      `(async ({ ${names} }) => {
        const { fromDeveloperIdentity, signedFetch } = await import("/client.js");
        ${body}
      })(${JSON.stringify(given)})`,
    );
  }

  test.each([
    ["no body", "{}", ""],
    ["DELETE", '{ method: "DELETE" }', ""],
    ["a POST of nothing", '{ method: "POST" }', ""],
    ["text", '{ method: "POST", body: "grüße" }', "grüße"],
    ["bytes", '{ method: "PUT", body: new Uint8Array([0, 255, 1]) }', Buffer.from([0, 255, 1])],
    ["a Blob", '{ method: "POST", body: new Blob(["blob"]) }', "blob"],
    ["a form", '{ method: "POST", body: new URLSearchParams({ a: "b c" }) }', "a=b+c"],
    ["a stream", '{ method: "POST", body: new Blob(["one", "two"]).stream(), duplex: "half" }', "onetwo"],
  ])("signs %s as it is sent", async (_, init, body) => {
    const status = await inPage(
      `return (await signedFetch(key, region)("/prod/grüße?b=1 2&a=+%2B", ${init})).status;`,
      { key: KEY, region: SCOPE.region },
    );
    expect(status).toBe(200);
    const [request, ...more] = recorder.take();
    expect(more).toEqual([]);
    expect(request).toMatchObject({ body: Buffer.from(body), query: "b=1%202&a=+%2B" });
    await verify(request as NonNullable<typeof request>, new Date());
    expect(header(request as NonNullable<typeof request>, "transfer-encoding")).toBeUndefined();
  });

  test("signs a Request, multipart form and all", async () => {
    await inPage(
      `const body = new FormData();
       body.set("field", "value");
       await signedFetch(key, region)(new Request("/prod", { method: "POST", body }));`,
      { key: KEY, region: SCOPE.region },
    );
    const [request] = recorder.take();
    expect(request?.body.toString()).toContain('name="field"');
    await verify(request as NonNullable<typeof request>, new Date());
  });

  describe("with Cognito on another origin", () => {
    const exchange = `
      const credentials = fromDeveloperIdentity({ login: async () => answer, region, endpoint });
      try {
        const { identityId, sessionToken } = await credentials();
        const databases = await indexedDB.databases();
        return { identityId, signed: sessionToken !== "", stored: [localStorage.length, sessionStorage.length, document.cookie, databases.length] };
      } catch (error) {
        return { name: error.name, code: error.code, message: error.message };
      }`;

    async function answer() {
      const { endpoint, region, credentials } = aws;
      const cognito = new CognitoIdentityClient({ endpoint, region, credentials });
      const { IdentityId, Token } = await cognito.send(
        new GetOpenIdTokenForDeveloperIdentityCommand({
          IdentityPoolId: alice.identityPoolId,
          Logins: { [DEVELOPER_PROVIDER]: "alice" },
        }),
      );
      cognito.destroy();
      return { identityId: IdentityId, token: Token };
    }

    test("gets credentials, and stores nothing", async () => {
      const { endpoint, region } = aws;
      expect(await inPage(exchange, { answer: await answer(), endpoint, region })).toEqual({
        identityId: alice.identityId,
        signed: true,
        stored: [0, 0, "", 0],
      });
    });

    test("reads why it is refused", async () => {
      const { endpoint, region } = aws;
      const refused = await inPage(exchange, {
        answer: { ...(await answer()), token: "tampered" },
        endpoint,
        region,
      });
      expect(refused).toMatchObject({ name: "ExchangeRefusedError", code: "NotAuthorizedException" });
    });

    test("an endpoint that isn't there may come back", async () => {
      const refused = await inPage(exchange, {
        answer: await answer(),
        endpoint: "http://127.0.0.1:1",
        region: aws.region,
      });
      expect(refused).toMatchObject({ name: "NetworkError" });
    });
  });
});
