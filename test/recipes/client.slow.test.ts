/** Recipes of docs/recipes.md for clients whose packages are too large for this project's own: installed as the page says, and run. */
import { ClientApplication } from "../support/client-application";

let application: ClientApplication;
beforeAll(async () => {
  application = await ClientApplication.start();
});
afterAll(() => application.stop());

test("Amplify v6 signs with the credentials, and knows whose they are", async () => {
  const { code, output } = await application.runBundled("amplify.js", { install: "amplify-install" });
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/^200 \{/m);
  expect(output).toContain(`cognitoIdentityId: '${application.identityId}'`);
  expect(output).toContain("name: 'a b'");
  expect(output).toMatch(new RegExp(`^${application.identityId}$`, "m"));
}, 300_000);

test("SDK v2 with aws4 and axios, as the two articles have it", async () => {
  const { code, output } = await application.runAlone("sdk-v2.js", "sdk-v2-install");
  expect({ code, output }).toMatchObject({ code: 0 });
  const [, answer = ""] = /^200 (\{.*\})$/m.exec(output) ?? [];
  expect(JSON.parse(answer)).toMatchObject({
    queryStringParameters: { name: "a b" },
    requestContext: { identity: { cognitoIdentityId: application.identityId } },
  });
}, 300_000);
