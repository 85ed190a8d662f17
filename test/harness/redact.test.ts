import { Redactor } from "../../harness/redact";

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
