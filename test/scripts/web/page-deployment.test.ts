/** The deployment as the page sees it, on AWS and on what stands in for it. */
import { parseOutputs } from "../../../harness";
import { pageDeployment } from "../../../scripts/web/page-deployment";

const OUTPUTS = {
  identity: {
    region: "eu-central-1",
    identity_pool_id: "eu-central-1:1f0a4c1e-9a39-4a7e-8c9f-0d8f3a5b7c21",
    developer_provider_name: "login.developer.example",
    authenticated_role_arn: "arn:aws:iam::123456789012:role/user",
  },
  api: {
    invoke_url: "https://abc123.execute-api.eu-central-1.amazonaws.com/prod",
    allowed_origin: "https://app.example",
    probe_route: "GET /hello",
    user_route: "GET /users/{username}",
  },
  login: { login_url: "https://def456.execute-api.eu-central-1.amazonaws.com/prod/login" },
};
const outputs = parseOutputs(OUTPUTS, "outputs.json");

test("on AWS the addresses are AWS's", () => {
  expect(pageDeployment(outputs, undefined, ["ada"])).toEqual({
    account: "AWS",
    region: "eu-central-1",
    identityPoolId: "eu-central-1:1f0a4c1e-9a39-4a7e-8c9f-0d8f3a5b7c21",
    cognitoUrl: "https://cognito-identity.eu-central-1.amazonaws.com",
    loginUrl: "https://def456.execute-api.eu-central-1.amazonaws.com/prod/login",
    apiUrl: "https://abc123.execute-api.eu-central-1.amazonaws.com/prod",
    probePath: "/hello",
    refusedPath: undefined,
    userPath: "/users/{username}",
    users: ["ada"],
  });
});

test("on local AWS each API keeps an origin of its own", () => {
  expect(pageDeployment(outputs, "http://127.0.0.1:4566", ["ada"])).toMatchObject({
    account: "local AWS",
    cognitoUrl: "http://127.0.0.1:4566",
    loginUrl: "http://def456.execute-api.localhost:4566/prod/login",
    apiUrl: "http://abc123.execute-api.localhost:4566/prod",
  });
});

test("a domain of one's own is reached as it is", () => {
  const own = parseOutputs(
    { ...OUTPUTS, login: { login_url: "https://login.example/login" } },
    "outputs.json",
  );
  expect(pageDeployment(own, undefined, []).loginUrl).toBe("https://login.example/login");
});

test("without a login endpoint there is nothing to sign in to", () => {
  const { login: _, ...without } = OUTPUTS;
  expect(() => pageDeployment(parseOutputs(without, "outputs.json"), undefined, [])).toThrow(
    /no login endpoint/,
  );
});
