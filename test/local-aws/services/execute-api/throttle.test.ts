import { UpdateStageCommand } from "@aws-sdk/client-api-gateway";
import { TokenBucket } from "../../../../local-aws/services/execute-api/throttle";
import { ApiClient, MOCK, refusal, STAGE } from "../../../support/api-client";

describe("a token bucket", () => {
  const limits = { rate: 2, burst: 3 };

  test("gives its burst at once and then its rate", () => {
    const bucket = new TokenBucket(limits.burst, 0);
    const taken = (now: number) => bucket.take(limits, now);
    expect([taken(0), taken(0), taken(0), taken(0)]).toEqual([true, true, true, false]);
    expect([taken(499), taken(500), taken(501)]).toEqual([false, true, false]);
  });

  test("doesn't save up more than its burst", () => {
    const bucket = new TokenBucket(limits.burst, 0);
    const hour = 3_600_000;
    expect([1, 2, 3, 4].map(() => bucket.take(limits, hour))).toEqual([true, true, true, false]);
  });

  test("a clock that goes back gives nothing", () => {
    const bucket = new TokenBucket(1, 10_000);
    expect(bucket.take({ rate: 1, burst: 1 }, 10_000)).toBe(true);
    expect(bucket.take({ rate: 1, burst: 1 }, 0)).toBe(false);
  });

  test("a burst of zero lets nothing through", () => {
    expect(new TokenBucket(0, 0).take({ rate: 10, burst: 0 }, 60_000)).toBe(false);
  });
});

let client: ApiClient;

beforeAll(async () => {
  client = await ApiClient.start();
});

afterAll(() => client.stop());

test("throttles each method by its own bucket", async () => {
  const api = await client.createApi({ "GET /a": { integration: MOCK }, "GET /b": { integration: MOCK } });
  for (const path of ["/a", "/b"]) {
    await client.answerWith(api, { resourceId: await client.resourceId(api, path), httpMethod: "GET" }, {});
  }
  await client.deploy(api);
  const set = (path: string, value: string) => ({ op: "replace" as const, path, value });
  await client.gateway.send(
    new UpdateStageCommand({
      restApiId: api,
      stageName: STAGE,
      patchOperations: [
        set("/*/*/throttling/rateLimit", "0.001"),
        set("/*/*/throttling/burstLimit", "2"),
        set("/b/GET/throttling/burstLimit", "0"),
      ],
    }),
  );
  const statuses = async (path: string, count: number) => {
    const answers: number[] = [];
    for (let n = 0; n < count; n++) {
      answers.push((await client.call(api, { path })).status);
    }
    return answers;
  };
  expect(await statuses("/a", 3)).toEqual([200, 200, 429]);
  expect(await statuses("/b", 1)).toEqual([429]);
  expect(refusal(await client.call(api, { path: "/a" }))).toEqual([
    429,
    "TooManyRequestsException",
    { message: "Too Many Requests" },
  ]);
  client.clock.ahead = 1_000_000;
  try {
    expect(await statuses("/a", 2)).toEqual([200, 429]);
  } finally {
    client.clock.ahead = 0;
  }
});
