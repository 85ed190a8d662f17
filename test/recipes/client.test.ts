/** "The client" in docs/recipes.md: the block for SDK v3 is run, and the policy for a folder of one's own is judged. */
import { parsePolicy } from "../../iam-policy/document";
import { evaluate } from "../../iam-policy/evaluate";
import { ClientApplication } from "../support/client-application";
import { SESSION } from "../support/policy-case";
import { recipe } from "../support/recipes";

describe("with SDK v3", () => {
  let application: ClientApplication;
  beforeAll(async () => {
    application = await ClientApplication.start();
  });
  afterAll(() => application.stop());

  test("calls the API and AWS as the identity", async () => {
    const { code, output } = await application.runBundled("sdk-v3.js");
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toMatch(/^200 \{/m);
    expect(output).toContain(`cognitoIdentityId: '${application.identityId}'`);
    expect(output).toContain("name: 'a b'");
    expect(output).toContain(`:assumed-role/${application.roleName}/CognitoIdentityCredentials`);
  });

  test("says when the application's session has ended", async () => {
    expect(await application.runBundled("sdk-v3.js", { session: "over" })).toEqual({
      code: 0,
      output: "Sign in again.\n",
    });
  });
});

describe("a folder of one's own", () => {
  const OWN = "us-east-1:11111111-2222-3333-4444-555555555555";
  const OTHER = "us-east-1:99999999-2222-3333-4444-555555555555";
  const BUCKET = "arn:aws:s3:::app-files";

  function decision(action: string, resource: string, context: Record<string, string> = {}): string {
    return evaluate(
      {
        principal: SESSION,
        action,
        resource,
        context: { "cognito-identity.amazonaws.com:sub": OWN, ...context },
      },
      [{ kind: "identity-based", name: "own-folder", document: parsePolicy(recipe("own-folder.json")) }],
    ).effect;
  }

  test.each(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])("%s: in it, and nowhere else", (action) => {
    const allowed = (key: string) => decision(action, `${BUCKET}/${key}`);
    expect(allowed(`${OWN}/note.txt`)).toBe("allow");
    expect(allowed(`${OWN}/deeper/note.txt`)).toBe("allow");
    expect(allowed(`${OTHER}/note.txt`)).toBe("implicit-deny");
    expect(allowed(`${OWN}6/note.txt`)).toBe("implicit-deny");
    expect(allowed(OWN)).toBe("implicit-deny");
    expect(allowed("note.txt")).toBe("implicit-deny");
    expect(allowed(`deeper/${OWN}/note.txt`)).toBe("implicit-deny");
    expect(decision(action, `arn:aws:s3:::other-files/${OWN}/note.txt`)).toBe("implicit-deny");
  });

  test("listing: the own prefix, and no other", () => {
    const listed = (context?: Record<string, string>) => decision("s3:ListBucket", BUCKET, context);
    expect(listed({ "s3:prefix": `${OWN}/` })).toBe("allow");
    expect(listed({ "s3:prefix": `${OWN}/deeper/` })).toBe("allow");
    expect(listed({ "s3:prefix": `${OTHER}/` })).toBe("implicit-deny");
    expect(listed({ "s3:prefix": OWN })).toBe("implicit-deny");
    expect(listed({ "s3:prefix": "" })).toBe("implicit-deny");
    expect(listed()).toBe("implicit-deny");
  });

  test("nothing else, and nothing for a session that isn't an identity's", () => {
    expect(decision("s3:PutObjectAcl", `${BUCKET}/${OWN}/note.txt`)).toBe("implicit-deny");
    expect(decision("s3:DeleteBucket", BUCKET)).toBe("implicit-deny");
    const document = parsePolicy(recipe("own-folder.json"));
    const { effect } = evaluate(
      { principal: SESSION, action: "s3:GetObject", resource: `${BUCKET}//note.txt`, context: {} },
      [{ kind: "identity-based", name: "own-folder", document }],
    );
    expect(effect).toBe("implicit-deny");
  });
});
