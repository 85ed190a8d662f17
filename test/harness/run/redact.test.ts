/** Secrets are taken out by their form and by their value, and what is none stays. */
import { inspect } from "node:util";
import { Redactor } from "../../../harness/run/redact";

const TOKEN = "eyJraWQiOiJ1cy1lYXN0LTExIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl-_x";
const SESSION_TOKEN = "IQoJb3JpZ2luX2VjEPX//////////wEaCXVzLWVhc3QtMSJH/+==";
const SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

describe("secrets known by their form", () => {
  test.each([
    ["a token", `no match for ${TOKEN}.`, "no match for [redacted]."],
    [
      "an Authorization header",
      `Authorization: AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20150830/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=${SIGNATURE}`,
      "Authorization: [redacted]",
    ],
    ["a bearer token in JSON", '{"authorization":"Bearer abc.def"}', '{"authorization":"[redacted]"}'],
    [
      "the canonical headers of API Gateway's answer",
      `host:example\nx-amz-security-token:${SESSION_TOKEN}\n\nhost`,
      "host:example\nx-amz-security-token:[redacted]\n\nhost",
    ],
    [
      "a signed query",
      `/dev/hello?X-Amz-Security-Token=abc%2Fdef&X-Amz-Signature=${SIGNATURE}&a=1`,
      "/dev/hello?X-Amz-Security-Token=[redacted]&X-Amz-Signature=[redacted]&a=1",
    ],
    [
      "credentials as Cognito writes them",
      '{"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretKey":"wJalrXUtnFEMI/K7MDENG","SessionToken":"IQoJ/+=="}',
      '{"AccessKeyId":"…MPLE","SecretKey":"[redacted]","SessionToken":"[redacted]"}',
    ],
    [
      "the environment",
      "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI AWS_SESSION_TOKEN=IQoJ",
      "AWS_SECRET_ACCESS_KEY=[redacted] AWS_SESSION_TOKEN=[redacted]",
    ],
    ["an access key", "key AKIAIOSFODNN7EXAMPLE is unknown", "key …MPLE is unknown"],
  ])("%s", (_, text, clean) => {
    expect(new Redactor().text(text)).toBe(clean);
  });
});

test("an error shown with its causes", () => {
  const cause = Object.assign(new Error("socket"), {
    request: {
      headers: {
        authorization: `AWS4-HMAC-SHA256 Signature=${SIGNATURE}`,
        "x-amz-security-token": SESSION_TOKEN,
      },
    },
    nested: new Error(TOKEN, { cause: { SecretKey: "wJalrXUtnFEMI/K7MDENG" } }),
  });
  const shown = inspect(new Error("outer", { cause }), { depth: 6 });
  const clean = new Redactor().text(shown);
  for (const secret of [SIGNATURE, SESSION_TOKEN, TOKEN, "wJalrXUtnFEMI"]) {
    expect(shown).toContain(secret);
    expect(clean).not.toContain(secret);
  }
  expect(clean).toContain("outer");
});

test("plain data, in which only the strings are changed", () => {
  const data = { list: [TOKEN, 3, null], nested: { key: "AKIAIOSFODNN7EXAMPLE", ok: true } };
  expect(new Redactor().all(data)).toEqual({
    list: ["[redacted]", 3, null],
    nested: { key: "…MPLE", ok: true },
  });
});

describe("identities", () => {
  const identity = "us-east-1:0f1e2d3c-1111-2222-3333-444455556666";
  const pool = "us-east-1:99999999-1111-2222-3333-444455556666";

  test("are shortened, pools that are known are not", () => {
    const redactor = new Redactor();
    redactor.neverShorten(pool);
    expect(redactor.text(`${identity} of ${pool}, ${encodeURIComponent(identity)}`)).toBe(
      `us-east-1:0f1e2d3c… of ${pool}, us-east-1%3A0f1e2d3c…`,
    );
  });

  test("are shown when asked for", () => {
    expect(new Redactor({ showIdentities: true }).text(identity)).toBe(identity);
  });
});

test("one secret that begins with another", () => {
  const redactor = new Redactor();
  redactor.add("first-secret");
  redactor.add("first-secret-and-more");
  expect(redactor.text("first-secret-and-more")).toBe("[redacted]");
});

test("known secrets go wherever they stand, also percent-encoded", () => {
  const redactor = new Redactor();
  redactor.add(SESSION_TOKEN);
  expect(redactor.text(`a ${SESSION_TOKEN} b ${encodeURIComponent(SESSION_TOKEN)} c`)).toBe(
    "a [redacted] b [redacted] c",
  );
});

test("what is no secret stays", () => {
  const redactor = new Redactor();
  redactor.add("");
  redactor.add(undefined);
  const text =
    "User: arn:aws:sts::123456789012:assumed-role/dev/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:a1/dev/GET/hello because no identity-based policy allows the execute-api:Invoke action";
  expect(redactor.text(text)).toBe(text);
  expect(redactor.text("The security token included in the request is invalid.")).toBe(
    "The security token included in the request is invalid.",
  );
});
