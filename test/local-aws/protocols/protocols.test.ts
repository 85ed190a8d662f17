/** The wire protocols as bytes: headers, bodies, errors in each service's form, and what can't be read. */
import { sign } from "aws4";
import { request } from "undici";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { parseObject } from "../../../local-aws/protocols/json";

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws();
});

afterAll(() => aws.stop());

interface Message {
  service: string;
  headers?: Record<string, string>;
  body?: string;
  path?: string;
  method?: string;
}

/** Sends a message, signed with root's key unless `signed` is false. */
async function send(
  { service, headers = {}, body = "", path = "/", method = "POST" }: Message,
  signed = true,
) {
  const host = `127.0.0.1:${aws.port}`;
  const message = { service, region: aws.region, host, method, path, headers: { ...headers }, body };
  const outgoing = signed ? sign(message, aws.credentials) : message;
  const answer = await request(`${aws.endpoint}${path}`, {
    method: method as "POST",
    headers: outgoing.headers as Record<string, string>,
    body: method === "GET" ? undefined : body,
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("JSON 1.1", () => {
  const cognito = (operation: string, body: string, signed = true) =>
    send(
      {
        service: "cognito-identity",
        headers: {
          "Content-Type": "application/x-amz-json-1.1",
          "X-Amz-Target": `AWSCognitoIdentityService.${operation}`,
        },
        body,
      },
      signed,
    );
  const errorOf = (answer: Awaited<ReturnType<typeof send>>) => ({
    status: answer.status,
    ...JSON.parse(answer.text),
  });

  test("answers members, times as numbers of seconds", async () => {
    const created = await cognito(
      "CreateIdentityPool",
      JSON.stringify({
        IdentityPoolName: "wire",
        AllowUnauthenticatedIdentities: true,
        DeveloperProviderName: null,
        Colour: "of no meaning",
      }),
    );
    expect(created.status).toBe(200);
    expect(created.headers["content-type"]).toBe("application/x-amz-json-1.1");
    expect(created.headers["x-amzn-requestid"]).toMatch(UUID);
    const { IdentityPoolId, ...settings } = JSON.parse(created.text);
    expect(settings).toEqual({
      IdentityPoolName: "wire",
      AllowUnauthenticatedIdentities: true,
      IdentityPoolTags: {},
    });
    const { IdentityId } = JSON.parse(
      (await cognito("GetId", JSON.stringify({ IdentityPoolId }), false)).text,
    );
    const described = JSON.parse((await cognito("DescribeIdentity", JSON.stringify({ IdentityId }))).text);
    expect(Math.abs(described.CreationDate - Date.now() / 1000)).toBeLessThan(10);
    const deleted = await cognito("DeleteIdentityPool", JSON.stringify({ IdentityPoolId }));
    expect({ status: deleted.status, text: deleted.text }).toEqual({ status: 200, text: "" });
  });

  test("names an error in body and headers, the header's type with a colon", async () => {
    const answer = await cognito("GetId", '{"IdentityPoolId":"us-east-1:0"}', false);
    expect(answer.status).toBe(400);
    expect(answer.text).toBe(
      `{"__type":"ResourceNotFoundException","message":"IdentityPool 'us-east-1:0' not found."}`,
    );
    expect(answer.headers).toMatchObject({
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-errortype": "ResourceNotFoundException:",
      "x-amzn-errormessage": "IdentityPool 'us-east-1:0' not found.",
      "x-amzn-requestid": expect.stringMatching(UUID),
    });
  });

  test("keeps headers readable whatever a message repeats", async () => {
    const body = JSON.stringify({
      IdentityPoolName: `ü\n\u0000${"x".repeat(30_000)}`,
      AllowUnauthenticatedIdentities: true,
    });
    const answer = await cognito("CreateIdentityPool", body);
    expect(errorOf(answer)).toMatchObject({ status: 400, __type: "ValidationException" });
    expect(answer.headers["x-amzn-errormessage"]).toMatch(/^[ -~]{1,1024}$/);
  });

  test("wants a signature where the operation isn't for everybody", async () => {
    for (const operation of [
      "GetOpenIdTokenForDeveloperIdentity",
      "LookupDeveloperIdentity",
      "MergeDeveloperIdentities",
      "UnlinkDeveloperIdentity",
      "DescribeIdentityPool",
      "DeleteIdentities",
    ]) {
      const answer = await cognito(operation, "{}", false);
      expect(errorOf(answer)).toEqual({
        status: 400,
        __type: "MissingAuthenticationTokenException",
        message: "Missing Authentication Token",
      });
      expect(answer.headers["x-amzn-errortype"]).toBe("MissingAuthenticationTokenException:");
    }
  });

  test.each([
    [
      "an operation that local AWS doesn't have",
      "AWSCognitoIdentityService.SetPrincipalTagAttributeMap",
      "SetPrincipalTagAttributeMap",
    ],
    ["an operation that nobody has", "AWSCognitoIdentityService.Dance", "Dance"],
    ["a name that every object has", "AWSCognitoIdentityService.constructor", "constructor"],
    ["another service", "AmazonDynamoDB.PutItem", "AmazonDynamoDB.PutItem"],
    ["no operation", "AWSCognitoIdentityService", "no operation named"],
    ["nothing", "...", "..."],
  ])("names %s in its error", async (_what, target, named) => {
    const answer = await send({
      service: "cognito-identity",
      headers: { "X-Amz-Target": target },
      body: "{}",
    });
    expect(errorOf(answer)).toMatchObject({ status: 400, __type: "UnknownOperationException" });
    expect(JSON.parse(answer.text).message).toContain(named);
  });

  test.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["a text", '"x"'],
    ["null", "null"],
    ["lists without end", "[".repeat(100_000)],
    ["a number for a text", '{"IdentityPoolId":5}'],
    ["a list for a text", '{"IdentityPoolId":["us-east-1:0"]}'],
    ["a map for a text", '{"IdentityPoolId":{}}'],
    ["a list for a map", '{"IdentityPoolId":"us-east-1:0","Logins":[]}'],
    ["a number in a map of texts", '{"IdentityPoolId":"us-east-1:0","Logins":{"a":1}}'],
  ])("can't read %s", async (_what, body) => {
    const answer = await cognito("GetId", body, false);
    expect(errorOf(answer)).toMatchObject({ status: 400, __type: "SerializationException" });
  });

  test("wants bodies in UTF-8", async () => {
    const head = Buffer.from(
      '{"IdentityPoolName":"a","AllowUnauthenticatedIdentities":false,"DeveloperProviderName":"',
    );
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80]]) {
      const body = Buffer.concat([head, Buffer.from(bytes), Buffer.from('"}')]);
      expect(() => parseObject(body, "SerializationException")).toThrow(
        expect.objectContaining({ code: "SerializationException", status: 400 }),
      );
    }
    expect(parseObject(Buffer.from('{"a":"é"}'), "SerializationException")).toEqual({ a: "é" });
  });

  test("counts a null in a map as absent", async () => {
    const answer = await cognito("GetId", '{"IdentityPoolId":"us-east-1:0","Logins":{"a":null}}', false);
    expect(errorOf(answer)).toMatchObject({ status: 400, __type: "ResourceNotFoundException" });
  });

  test("shows neither logins nor tokens in a validation message", async () => {
    const secret = "s3cr3t".repeat(10_000);
    const answer = await cognito(
      "GetId",
      JSON.stringify({ IdentityPoolId: "bad", Logins: { [`k${"k".repeat(128)}`]: secret } }),
      false,
    );
    expect(errorOf(answer)).toMatchObject({ status: 400, __type: "ValidationException" });
    expect(answer.text).toContain("Value 'bad' at 'identityPoolId'");
    expect(answer.text).not.toContain("s3cr3t");
  });
});

describe("Query", () => {
  const form = (service: string, body: string, signed = true) =>
    send({ service, headers: { "Content-Type": "application/x-www-form-urlencoded" }, body }, signed);
  const sts = (parameters: string, signed = true) => form("sts", `Version=2011-06-15&${parameters}`, signed);
  const iam = (parameters: string, signed = true) => form("iam", `Version=2010-05-08&${parameters}`, signed);
  const trust = encodeURIComponent(
    '{"Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
  );

  test("answers XML of the service's namespace", async () => {
    const answer = await sts("Action=GetCallerIdentity");
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("text/xml");
    expect(answer.text).toMatch(
      /^<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:root<\/Arn><UserId>123456789012<\/UserId><Account>123456789012<\/Account><\/GetCallerIdentityResult><ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/GetCallerIdentityResponse>$/,
    );
  });

  test("takes its parameters from the query of a GET as well", async () => {
    const path = "/?Action=GetCallerIdentity&Version=2011-06-15";
    expect(await send({ service: "sts", method: "GET", path })).toMatchObject({ status: 200 });
  });

  test("reads lists, writes lists, and times without milliseconds", async () => {
    const created = await iam(
      `Action=CreateRole&RoleName=wire&AssumeRolePolicyDocument=${trust}&Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a&Tags.member.1.Value=${encodeURIComponent("é/=+-@ x")}`,
    );
    expect(created.status).toBe(200);
    expect(created.text).toMatch(/<CreateDate>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<\/CreateDate>/);
    expect(created.text).toContain(
      "<Tags><member><Key>a</Key><Value>é/=+-@ x</Value></member><member><Key>b</Key><Value>2</Value></member></Tags>",
    );
    const listed = await iam("Action=ListRolePolicies&RoleName=wire");
    expect(listed.text).toContain("<PolicyNames/><IsTruncated>false</IsTruncated>");
    expect(await iam("Action=TagRole&RoleName=wire&Tags=")).toMatchObject({ status: 200 });
    const deleted = await iam("Action=DeleteRole&RoleName=wire");
    expect(deleted.text).not.toContain("DeleteRoleResult");
  });

  const error = (code: string, message: RegExp | string) =>
    new RegExp(
      `^<ErrorResponse xmlns="https://(sts|iam)\\.amazonaws\\.com/doc/[0-9-]+/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message instanceof RegExp ? message.source : message}</Message></Error><RequestId>[0-9a-f-]{36}</RequestId></ErrorResponse>$`,
    );

  test("names an error in XML, and escapes what it repeats", async () => {
    const absent = await iam("Action=GetRole&RoleName=absent");
    expect(absent.status).toBe(404);
    expect(absent.headers["content-type"]).toBe("text/xml");
    expect(absent.text).toMatch(error("NoSuchEntity", "The role with name absent cannot be found\\."));
    const markup = await iam(`Action=GetRole&RoleName=${encodeURIComponent("<b>&\u0001")}`);
    expect(markup.status).toBe(400);
    expect(markup.text).toMatch(
      error("ValidationError", /1 validation error detected: Value &apos;&lt;b&gt;&amp;\uFFFD&apos; at .*/),
    );
  });

  test("wants a signature where the operation isn't for everybody", async () => {
    for (const answer of [
      await sts("Action=GetCallerIdentity", false),
      await sts("Action=AssumeRole", false),
      await iam("Action=ListRoles", false),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.text).toMatch(error("MissingAuthenticationToken", /.*Authentication Token/));
    }
    const open = await sts("Action=AssumeRoleWithWebIdentity", false);
    expect(open.text).toMatch(error("ValidationError", /3 validation errors detected: .*/));
  });

  test.each([
    [
      "an operation that local AWS doesn't have",
      "sts",
      "Action=GetSessionToken&Version=2011-06-15",
      "GetSessionToken",
    ],
    ["a name that every object has", "iam", "Action=constructor&Version=2010-05-08", "constructor"],
    ["no operation", "sts", "Version=2011-06-15", "no operation named"],
    ["an unknown version", "iam", "Action=ListUsers&Version=1999-01-01", "ListUsers"],
    ["nothing", "sts", "", "no operation named"],
    ["noise", "sts", "&&&=;\u0000", "no operation named"],
  ])("names %s in its error", async (_what, service, body, named) => {
    const answer = await form(service, body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("<Code>InvalidAction</Code>");
    expect(answer.text).toContain(named);
  });

  test.each([
    ["a text for a number", "Action=ListRoles&MaxItems=many", 400, "MalformedInput"],
    ["a text for a list", "Action=TagRole&RoleName=a&Tags=x", 400, "MalformedInput"],
    ["a structure for a text", "Action=GetRole&RoleName.member.1=a", 400, "MalformedInput"],
    [
      "a name of thousands of parts",
      `Action=GetRole&RoleName=a&${"x.".repeat(20_000)}x=1`,
      400,
      "MalformedInput",
    ],
    ["a bad percent-encoding", "Action=GetRole&RoleName=%zz", 404, "MalformedQueryString"],
    ["__proto__", "Action=GetRole&RoleName=a&__proto__.x=1&constructor.prototype.x=1", 404, "NoSuchEntity"],
  ])("survives %s", async (_what, parameters, status, code) => {
    const answer = await iam(parameters);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(`<Code>${code}</Code>`);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

describe("REST JSON", () => {
  test("names an error in the header without a colon, and its message in the body", async () => {
    const answer = await send({ service: "apigateway", method: "GET", path: "/restapis/absent" });
    expect(answer.status).toBe(404);
    expect(answer.headers["x-amzn-errortype"]).toBe("NotFoundException");
    expect(JSON.parse(answer.text)).toEqual({ message: expect.stringContaining("Invalid API identifier") });
  });

  test.each([
    ["no JSON", "{"],
    ["a list", "[]"],
  ])("can't read %s", async (_what, body) => {
    const answer = await send({ service: "apigateway", path: "/restapis", body });
    expect({ status: answer.status, type: answer.headers["x-amzn-errortype"] }).toEqual({
      status: 400,
      type: "SerializationException",
    });
  });

  test("wants a signature, and names an operation that it doesn't have", async () => {
    expect(await send({ service: "apigateway", method: "GET", path: "/restapis" }, false)).toMatchObject({
      status: 403,
    });
    const unknown = await send({ service: "apigateway", method: "GET", path: "/vpclinks" });
    expect(unknown.status).toBe(404);
    expect(JSON.parse(unknown.text).message).toContain("GET /vpclinks");
  });
});
