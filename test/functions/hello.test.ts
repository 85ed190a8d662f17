// What the function makes of API Gateway's event.
import { handler } from "../../functions/hello";

const POOL = "us-east-1:11111111-2222-3333-4444-555555555555";
const IDENTITY = "us-east-1:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
const PROVIDER = "login.shop.example";

type Event = Parameters<typeof handler>[0];

/** An event with the caller that API Gateway saw, and a secret among the headers. */
function event(caller: Partial<Event["requestContext"]["identity"]> = {}): Event {
  const identity = {
    cognitoIdentityId: IDENTITY,
    cognitoIdentityPoolId: POOL,
    cognitoAuthenticationType: "authenticated",
    cognitoAuthenticationProvider: `${PROVIDER},${PROVIDER}:${POOL}:alice`,
    ...caller,
  };
  return { headers: { "X-Amz-Security-Token": "hush" }, requestContext: { identity } } as unknown as Event;
}

const environment = process.env;
beforeEach(() => {
  process.env = { ...environment, DEVELOPER_PROVIDER_NAME: PROVIDER, ALLOWED_ORIGIN: "https://shop.example" };
});
afterEach(() => {
  process.env = environment;
});

test("greets the user and tells the identity that it saw", async () => {
  const answer = await handler(event());
  expect(answer.statusCode).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({
    message: "Hello, alice!",
    identityId: IDENTITY,
    identityPoolId: POOL,
    developerUserIdentifier: "alice",
  });
});

test.each([
  ["with colons and commas", `${PROVIDER},${PROVIDER}:${POOL}:a:b,c`, "a:b,c"],
  [
    "that looks like a login",
    `${PROVIDER},${PROVIDER}:${POOL}:x,${PROVIDER}:${POOL}:y`,
    `x,${PROVIDER}:${POOL}:y`,
  ],
  ["of another provider", `other,other:${POOL}:alice`, null],
  ["of a provider whose name ends alike", `my${PROVIDER},my${PROVIDER}:${POOL}:alice`, null],
  ["of another pool", `${PROVIDER},${PROVIDER}:us-east-1:0:alice`, null],
  ["that is missing", null, null],
])("reads a user identifier %s", async (_, cognitoAuthenticationProvider, expected) => {
  const { body } = await handler(event({ cognitoAuthenticationProvider }));
  expect(JSON.parse(body)).toMatchObject({ developerUserIdentifier: expected, identityId: IDENTITY });
});

test("a caller without a Cognito identity is told so", async () => {
  const { body } = await handler(
    event({ cognitoIdentityId: null, cognitoIdentityPoolId: null, cognitoAuthenticationProvider: null }),
  );
  expect(JSON.parse(body)).toMatchObject({
    identityId: null,
    identityPoolId: null,
    developerUserIdentifier: null,
  });
});

test.each([
  ["https://shop.example", { "Access-Control-Allow-Origin": "https://shop.example", Vary: "Origin" }],
  ["*", { "Access-Control-Allow-Origin": "*" }],
  ["", {}],
])("with allowed origin %j the headers are %j", async (origin, expected) => {
  process.env.ALLOWED_ORIGIN = origin;
  expect((await handler(event())).headers).toEqual({
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    ...expected,
  });
});

test("nothing is logged", async () => {
  const written = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, "write").mockReturnValue(true),
  );
  const logged = (["log", "info", "warn", "error", "debug"] as const).map((method) =>
    jest.spyOn(console, method),
  );
  await handler(event());
  const calls = [...written, ...logged].flatMap((spy) => spy.mock.calls);
  jest.restoreAllMocks();
  expect(calls).toEqual([]);
});
