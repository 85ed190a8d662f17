import { CreateRestApiCommand } from "@aws-sdk/client-api-gateway";
import { sign } from "aws4";
import { ApiGatewayAccount } from "../../../support/apigateway-account";
import { type IdentitySession, identitySession } from "../../../support/identity-session";
import { send, type WireAnswer } from "../../../support/wire";

let account: ApiGatewayAccount;
let denied: string;
let other: string;
/** May do everything but touch one API and its tags. */
let session: IdentitySession;

beforeAll(async () => {
  account = await ApiGatewayAccount.start();
  const create = async () =>
    (await account.client.send(new CreateRestApiCommand({ name: "test" }))).id as string;
  [denied, other] = [await create(), await create()];
  const resource = (path: string) => `arn:aws:apigateway:${account.aws.region}::${path}`;
  session = await identitySession(account.aws, "admin", [
    { Effect: "Allow", Action: "apigateway:*", Resource: "*" },
    {
      Effect: "Deny",
      Action: "apigateway:*",
      Resource: [resource(`/restapis/${denied}`), resource(`/tags/${encodeURIComponent(apiArn(denied))}`)],
    },
  ]);
});

afterAll(() => account.stop());

const apiArn = (id: string) => `arn:aws:apigateway:${account.aws.region}::/restapis/${id}`;

/** Sends the path exactly as written. */
function get(path: string): Promise<WireAnswer> {
  const host = `127.0.0.1:${account.aws.port}`;
  const { headers = {} } = sign(
    { host, path, service: "apigateway", region: account.aws.region, headers: { Host: host } },
    session,
  );
  const listed = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return send(account.aws.port, { method: "GET", path, headers: listed });
}

/** The ways to write a path that lead to the same operation. */
const SPELLINGS: [string, (segments: readonly string[]) => string][] = [
  ["plainly", (segments) => `/${segments.join("/")}`],
  ["with a leading slash more", (segments) => `//${segments.join("/")}`],
  ["with an inner slash more", (segments) => `/${segments.join("//")}`],
  ["with a trailing slash", (segments) => `/${segments.join("/")}/`],
  ["with an encoded letter", ([first = "", last = ""]) => `/${first}/${encodedAt(last, 0)}`],
  ["with an encoded collection", ([first = "", last = ""]) => `/${encodedAt(first, 0)}/${last}`],
];

function encodedAt(text: string, index: number): string {
  return `${text.slice(0, index)}%${text.charCodeAt(index).toString(16)}${text.slice(index + 1)}`;
}

test.each(SPELLINGS)("a Deny on an API holds when its path is written %s", async (_, spelt) => {
  expect((await get(spelt(["restapis", denied]))).status).toBe(403);
  expect((await get(spelt(["restapis", other]))).status).toBe(200);
});

test.each([
  encodeURIComponent,
  (arn: string) => arn.replaceAll("/", "%2f"),
  (arn: string) => arn.replace("arn", "%61rn").replaceAll("/", "%2F"),
])("a Deny on an API's tags holds however its ARN is encoded", async (encoded) => {
  expect((await get(`/tags/${encoded(apiArn(denied))}`)).status).toBe(403);
  expect((await get(`/tags/${encoded(apiArn(other))}`)).status).toBe(200);
});

test("an API's tags have no other ARN that a Deny could be escaped by", async () => {
  const foreign = apiArn(denied).replace("arn:aws:", "arn:aws-cn:");
  expect((await get(`/tags/${encodeURIComponent(foreign)}`)).status).toBe(400);
});
