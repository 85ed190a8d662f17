import { ApiClient, IAM, MOCK, refusal } from "../../../support/api-client";
import { type IdentitySession, identitySession } from "../../../support/identity-session";

let client: ApiClient;
/** May do nothing of its own. */
let session: IdentitySession;

beforeAll(async () => {
  client = await ApiClient.start();
  session = await identitySession(client.aws, "alice", []);
});

afterAll(() => client.stop());

describe("with a resource policy", () => {
  const allow = (principal: unknown, resource: string, more = {}) => ({
    Effect: "Allow",
    Principal: principal,
    Action: "execute-api:Invoke",
    Resource: resource,
    ...more,
  });

  /** Routes `/iam` and `/none` behind the policy; nobody has an identity-based grant for them. */
  async function deployed(...statements: object[]) {
    const api = await client.createApi(
      { "GET /iam": { method: IAM, integration: MOCK }, "GET /none": { integration: MOCK } },
      { policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) },
    );
    for (const path of ["/iam", "/none"]) {
      await client.answerWith(api, { resourceId: await client.resourceId(api, path), httpMethod: "GET" }, {});
    }
    await client.deploy(api);
    return {
      signed: async () => client.call(api, { path: "/iam", credentials: session }),
      unsigned: async () => client.call(api, { path: "/none" }),
    };
  }

  test("the policy's allowance is enough in one account", async () => {
    const arn = `arn:aws:iam::${client.aws.accountId}:role/${session.roleName}`;
    const { signed, unsigned } = await deployed(allow({ AWS: arn }, "execute-api:/dev/GET/iam"));
    expect((await signed()).status).toBe(200);
    const refused = await unsigned();
    expect(refusal(refused)).toEqual([
      403,
      "AccessDeniedException",
      {
        Message: expect.stringMatching(
          /^User: anonymous is not authorized .* because no resource-based policy allows the execute-api:Invoke action$/,
        ),
      },
    ]);
  });

  test("its denial wins over everybody's allowance", async () => {
    const deny = { Effect: "Deny", Condition: { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } } };
    const { signed, unsigned } = await deployed(
      allow("*", "execute-api:/*"),
      allow("*", "execute-api:/*/GET/iam", deny),
    );
    expect((await unsigned()).status).toBe(200);
    expect(JSON.parse((await signed()).text).Message).toMatch(
      / with an explicit deny in a resource-based policy$/,
    );
  });
});
