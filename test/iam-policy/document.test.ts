/** What is a policy document and what isn't: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
import { MalformedPolicyError, parsePolicy } from "../../iam-policy/document";

const STATEMENT = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const document = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const without = (name: keyof typeof STATEMENT) => {
  const { [name]: _, ...rest } = STATEMENT;
  return rest;
};

const SYNTAX = "Syntax errors in policy.";
const JSON_ERROR = "This policy contains invalid Json";
const ACTIONS = "Policy statement must contain actions.";
const RESOURCES = "Policy statement must contain resources.";

test.each<[string, string, string]>([
  ["an empty text", "", JSON_ERROR],
  ["no JSON", "{", JSON_ERROR],
  ["JSON with a comment", `// a policy\n${document(STATEMENT)}`, JSON_ERROR],
  ["JSON with a trailing comma", `{"Version":"2012-10-17","Statement":[],}`, JSON_ERROR],
  ["two documents", `${document(STATEMENT)}${document(STATEMENT)}`, JSON_ERROR],
  ["brackets without end", "[".repeat(200_000), JSON_ERROR],
  ["null", "null", SYNTAX],
  ["a list", "[]", SYNTAX],
  ["a text", '"Allow"', SYNTAX],
  ["no statement", '{"Version":"2012-10-17"}', SYNTAX],
  ["another version", JSON.stringify({ Version: "2012-10-18", Statement: STATEMENT }), SYNTAX],
  ["a version that is a date", '{"Version":20121017,"Statement":[]}', SYNTAX],
  ["an element that doesn't exist", JSON.stringify({ Statement: STATEMENT, Comment: "x" }), SYNTAX],
  ["elements in lower case", JSON.stringify({ statement: STATEMENT }), SYNTAX],
  ["a statement that is a text", '{"Statement":"Allow"}', SYNTAX],
  ["a statement's element that doesn't exist", document({ ...STATEMENT, Actions: "*" }), SYNTAX],
  ["a statement's element in lower case", document({ ...without("Action"), action: "*" }), SYNTAX],
  ["no effect", document(without("Effect")), SYNTAX],
  ["an effect in lower case", document({ ...STATEMENT, Effect: "allow" }), SYNTAX],
  ["another effect", document({ ...STATEMENT, Effect: "Permit" }), SYNTAX],
  ["no action", document(without("Action")), ACTIONS],
  ["no action in a list", document({ ...STATEMENT, Action: [] }), ACTIONS],
  ["no excepted action in a list", document({ ...without("Action"), NotAction: [] }), ACTIONS],
  ["Action and NotAction", document({ ...STATEMENT, NotAction: "s3:*" }), ACTIONS],
  ["an action that is a number", document({ ...STATEMENT, Action: 1 }), SYNTAX],
  ["a list of actions with null", document({ ...STATEMENT, Action: [null] }), SYNTAX],
  ["no resource in a list", document({ ...STATEMENT, Resource: [] }), RESOURCES],
  ["Resource and NotResource", document({ ...STATEMENT, NotResource: "*" }), RESOURCES],
  ["a resource that is an object", document({ ...STATEMENT, Resource: { ARN: "*" } }), SYNTAX],
  ["another text than a star as principal", document({ ...STATEMENT, Principal: "123456789012" }), SYNTAX],
  ["a kind of principal that doesn't exist", document({ ...STATEMENT, Principal: { User: "x" } }), SYNTAX],
  ["Principal and NotPrincipal", document({ ...STATEMENT, Principal: "*", NotPrincipal: "*" }), SYNTAX],
  ["a condition that is a list", document({ ...STATEMENT, Condition: [] }), SYNTAX],
  ["an operator without keys", document({ ...STATEMENT, Condition: { StringEquals: "x" } }), SYNTAX],
  [
    "a condition's value that is null",
    document({ ...STATEMENT, Condition: { StringEquals: { a: null } } }),
    SYNTAX,
  ],
  [
    "a condition's value that is an object",
    document({ ...STATEMENT, Condition: { StringEquals: { a: {} } } }),
    SYNTAX,
  ],
  [
    "an operator that would get lost",
    `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"__proto__":{"aws:x":"y"}}}}`,
    SYNTAX,
  ],
  [
    "a condition key that would get lost",
    `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"__proto__":"y"}}}}`,
    SYNTAX,
  ],
  ["an element that would get lost", `{"__proto__":{},"Statement":[]}`, SYNTAX],
])("%s is refused", (_, json, message) => {
  expect(() => parsePolicy(json)).toThrow(new MalformedPolicyError(message));
});

test("lists, single values and the version are brought into one form", () => {
  const one = parsePolicy(JSON.stringify({ Statement: { ...STATEMENT, Sid: "Read", Principal: "*" } }));
  expect(one).toMatchObject({
    version: "2008-10-17",
    statements: [
      {
        name: "Read",
        effect: "Allow",
        action: ["s3:GetObject"],
        resource: ["*"],
        principal: { "*": ["*"] },
        condition: {},
      },
    ],
  });
  const many = parsePolicy(
    JSON.stringify({
      Version: "2012-10-17",
      Id: "x",
      Statement: [
        {
          Effect: "Deny",
          NotAction: ["a:b"],
          NotResource: "*",
          Condition: { Bool: { "aws:x": [true, 1, "y"] } },
        },
        { Effect: "Allow", Action: "*" },
      ],
    }),
  );
  expect(many).toMatchObject({
    version: "2012-10-17",
    statements: [
      {
        name: "#1",
        notAction: ["a:b"],
        notResource: ["*"],
        condition: { Bool: { "aws:x": ["true", "1", "y"] } },
      },
      { name: "#2", action: ["*"] },
    ],
  });
});

test("a Sid that looks like a place is still told from it", () => {
  const [named, second] = parsePolicy(
    JSON.stringify({
      Statement: [
        { Sid: "#2", Effect: "Allow", Action: "a:b" },
        { Effect: "Allow", Action: "a:b" },
      ],
    }),
  ).statements;
  expect([named?.sid, named?.name]).toEqual(["#2", "#2"]);
  expect([second?.sid, second?.name]).toEqual([undefined, "#2"]);
});
