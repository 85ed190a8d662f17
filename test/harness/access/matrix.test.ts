/** The access matrix against deployments that are as declared, and against others that are not: each fault is named. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { deployWithSdk } from "../../../scripts/sdk-deployment";
import { accessLines, cell, DECLARED, nightly, walkAccess } from "../../support/access-walk";
import { identitiesLeft } from "../../support/identities-left";
import { identitySession } from "../../support/identity-session";
import { jsonProblems, junitProblems } from "../../support/report-validation";
import { verifyInProcess } from "../../support/verify-in-process";

let local: LocalAws;
beforeEach(async () => {
  local = await startLocalAws();
});
afterEach(() => local.stop());

describe("as declared", () => {
  test("every cell passes, observed and computed agree, and nothing is left", async () => {
    const { report, access, outputs } = await walkAccess(local, {
      options: { credentials: await nightly(local) },
    });
    expect(accessLines(access)).toEqual([
      "GET /hello, nobody: refused/refused passed",
      "GET /hello, guest: refused/refused passed",
      "GET /hello, signed-in: allowed/allowed passed",
      "GET /hello, backend: refused/- passed",
      "GET /restricted, nobody: refused/refused passed",
      "GET /restricted, guest: refused/refused passed",
      "GET /restricted, signed-in: refused/refused passed",
      "GET /restricted, backend: refused/- passed",
    ]);
    expect(access).toMatchObject({ source: "access.json", undeclared: [], notes: [] });
    expect(report).toMatchObject({ outcome: "passed", warnings: [] });
    expect(cell(report, "GET /hello", "guest")?.note).toMatch(/the pool has no guests/);
    expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
  });

  test("with guests and users' own paths", async () => {
    const { report, access, outputs } = await walkAccess(local, {
      faults: {
        guestsDeclared: true,
        grantedToGuests: "dev/GET/restricted",
        trustedAction: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        furtherRoutes: { "GET /users/{username}": "AWS_IAM" },
        furtherGrants: [
          {
            Effect: "Allow",
            Action: "execute-api:Invoke",
            Resource: "{api}/dev/GET/users/${aws:PrincipalTag/username}",
          },
        ],
      },
      declared: {
        "GET /hello": ["signed-in"],
        "GET /restricted": ["guest"],
        "GET /users/{username}": ["signed-in"],
      },
      options: { principalTags: { username: "ada" }, credentials: await nightly(local) },
    });
    expect(accessLines(access).slice(4)).toEqual([
      "GET /restricted, nobody: refused/refused passed",
      "GET /restricted, guest: allowed/allowed passed",
      "GET /restricted, signed-in: refused/refused passed",
      "GET /restricted, backend: refused/- passed",
      "GET /users/{username}, nobody: refused/refused passed",
      "GET /users/{username}, guest: refused/refused passed",
      "GET /users/{username}, signed-in: allowed/allowed passed",
      "GET /users/{username}, other-user: refused/refused passed",
      "GET /users/{username}, backend: refused/- passed",
    ]);
    expect(report).toMatchObject({ outcome: "passed", access: { undeclared: [], notes: [] } });
    expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
  });

  test("the root user's credentials are not judged, and the report says why", async () => {
    const { report } = await walkAccess(local);
    expect(cell(report, "GET /hello", "backend")).toMatchObject({
      observed: null,
      status: "skipped",
      note: expect.stringContaining("root user's credentials"),
    });
    expect(report.outcome).toBe("passed");
  });
});

describe("not as declared", () => {
  test("a route that is open", async () => {
    const { report } = await walkAccess(local, {
      faults: { furtherRoutes: { "GET /orders": "NONE" } },
      declared: { ...DECLARED, "GET /orders": ["signed-in"] },
    });
    expect(report.outcome).toBe("failed");
    expect(cell(report, "GET /orders", "nobody")).toMatchObject({
      expected: "refused",
      observed: "allowed",
      computed: "allowed",
      status: "failed",
    });
    expect(cell(report, "GET /orders", "guest")).toMatchObject({ observed: "allowed", status: "failed" });
  });

  test("a grant that is wider than declared", async () => {
    const { report, access } = await walkAccess(local, { faults: { grantedResource: "*" } });
    expect(report.outcome).toBe("failed");
    expect(cell(report, "GET /restricted", "signed-in")).toMatchObject({
      observed: "allowed",
      computed: "allowed",
      status: "failed",
    });
    expect(access.cells.filter(({ status }) => status === "failed")).toHaveLength(1);
  });

  test("backend credentials that may call", async () => {
    const credentials = await identitySession(local, "too-much", [
      { Effect: "Allow", Action: "*", Resource: "*" },
    ]);
    const { report } = await walkAccess(local, { options: { credentials } });
    expect(report.outcome).toBe("failed");
    expect(cell(report, "GET /restricted", "backend")).toMatchObject({
      observed: "allowed",
      status: "failed",
    });
  });

  test("routes that nobody declared, by who may call them", async () => {
    const { report, access } = await walkAccess(local, {
      faults: {
        furtherRoutes: {
          "DELETE /orders/{id}": "NONE",
          "POST /orders": "AWS_IAM",
          "PUT /orders": "AWS_IAM",
          "ANY /files/{proxy+}": "AWS_IAM",
          "OPTIONS /orders": "NONE",
        },
        furtherGrants: [
          { Effect: "Allow", Action: "execute-api:Invoke", Resource: "{api}/dev/POST/orders" },
          { Effect: "Allow", Action: "execute-api:Invoke", Resource: "{api}/dev/DELETE/files/*" },
        ],
      },
    });
    expect(report.outcome).toBe("failed");
    expect([...access.undeclared].sort()).toEqual([
      "open to anyone: DELETE /orders/{id}",
      // Not a preflight that API Gateway answers itself, but a route to the function.
      "open to anyone: OPTIONS /orders",
      "open to signed-in users: ANY /files/{proxy+}",
      "open to signed-in users: POST /orders",
      "undeclared: PUT /orders",
    ]);
    expect(access.cells.every(({ status }) => status !== "failed")).toBe(true);
  });

  test("a route that is declared and not there", async () => {
    const { report, access } = await walkAccess(local, {
      declared: { ...DECLARED, "GET /gone": ["signed-in"] },
    });
    expect(access.notes).toEqual(["Declared, but the API has no such route: GET /gone"]);
    expect(cell(report, "GET /gone", "signed-in")).toMatchObject({
      observed: "refused",
      status: "failed",
      note: expect.stringContaining("no such route"),
    });
  });
});

test("the command fails, names what is open, and shows it in every report", async () => {
  const directory = mkdtempSync(join(tmpdir(), "access-"));
  try {
    const outputs = join(directory, "outputs.json");
    const deployed = await deployWithSdk(local, {
      grantedResource: "*",
      furtherRoutes: { "DELETE /orders/{id}": "NONE" },
    });
    writeFileSync(outputs, JSON.stringify({ stack: deployed }));
    const args = ["--outputs", outputs, "--access", "--report-dir", directory];
    const { code, stdout } = await verifyInProcess(args, local, local.endpoint);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /\n\nWho may call what\n✗ \d+ of \d+ as declared, 1 failed, .* 1 undeclared\n {4}open to signed-in users: GET \/restricted\n {4}open to anyone: DELETE \/orders\/\{id\}\n/,
    );
    const written = (name: string) => readFileSync(join(directory, name), "utf8");
    expect(jsonProblems(written("report.json"))).toEqual([]);
    expect(await junitProblems(written("junit.xml"))).toEqual([]);
    for (const name of ["junit.xml", "report.html"]) {
      expect(written(name)).toContain("open to anyone: DELETE /orders/{id}");
    }
    expect(written("summary.md")).toContain("open to anyone: DELETE /orders/");
    expect(JSON.parse(written("report.json")).access.source).toBe("output access");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a route that may change something is not called, unless it is marked safe", async () => {
  const called: string[] = [];
  const { report, access } = await walkAccess(local, {
    faults: {
      furtherRoutes: {
        "POST /orders": "AWS_IAM",
        "DELETE /orders/{id}": "NONE",
        "POST /search": "AWS_IAM",
        "ANY /any": "AWS_IAM",
      },
      furtherGrants: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "{api}/dev/POST/*" }],
    },
    declared: {
      ...DECLARED,
      "GET /restricted": { allow: [], safe: false },
      "POST /orders": ["signed-in"],
      "DELETE /orders/{id}": [],
      "POST /search": { allow: ["signed-in"], safe: true },
      "ANY /any": [],
    },
    options: { credentials: await nightly(local) },
    passing: ({ operation }) => {
      called.push(operation);
      return undefined;
    },
  });
  expect([...new Set(called.filter((operation) => / \//.test(operation)))].sort()).toEqual([
    "GET /any",
    "GET /hello",
    "POST /search",
  ]);
  // What is computed alone warns, and neither passes nor fails.
  expect(report.outcome).toBe("passed");
  expect(cell(report, "POST /orders", "signed-in")).toEqual({
    route: "POST /orders",
    caller: "signed-in",
    expected: "allowed",
    observed: null,
    computed: "allowed",
    status: "skipped",
    note: "not called: it is not marked safe",
  });
  expect(access.notes).toEqual([
    expect.stringMatching(
      /^DELETE \/orders\/\{id\}, anyone: must be refused, and by the deployed policies is allowed/,
    ),
    expect.stringMatching(/^DELETE \/orders\/\{id\}, guests: /),
    expect.stringMatching(/^DELETE \/orders\/\{id\}, signed-in users: /),
    expect.stringMatching(/^DELETE \/orders\/\{id\}, the backend's credentials: /),
    expect.stringMatching(/^ANY \/any, signed-in users: .* POST allowed/),
  ]);
});
