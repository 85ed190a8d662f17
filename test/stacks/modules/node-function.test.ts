// The function's settings, its role, and a bundle whose bytes depend on nothing but the sources.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { BundleError, NodeFunction, type NodeFunctionProps } from "../../../stacks/modules/node-function";
import { type Configuration, onlyResource, resources } from "../configuration";

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) {
    rmSync(directory, { recursive: true, force: true });
  }
});

function newDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), "node-function-"));
  directories.push(directory);
  return directory;
}

/** A directory with these sources, from which esbuild is found as it is from functions/. */
function sources(files: Record<string, string>): string {
  const directory = newDirectory();
  symlinkSync(
    path.join(__dirname, "../../../node_modules"),
    path.join(directory, "node_modules"),
    "junction",
  );
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(path.join(directory, name), content);
  }
  return directory;
}

const HANDLER = 'import { answer } from "./answer";\nexport const handler = async () => ({ answer });\n';
const ANSWER = "export const answer: number = 42;\n";
const ENTRY = path.join(sources({ "handler.ts": HANDLER, "answer.ts": ANSWER }), "handler.ts");

interface Synthesised {
  readonly configuration: Configuration;
  readonly lambda: ReturnType<typeof onlyResource>;
  readonly zip: Buffer;
}

function synthesise(props: Partial<NodeFunctionProps> = {}): Synthesised {
  const outdir = newDirectory();
  const app = new App({ outdir, stackTraces: false });
  const stack = new TerraformStack(app, "stack");
  new AwsProvider(stack, "aws");
  new NodeFunction(stack, "greeter", { name: "shop-greeter", entry: ENTRY, ...props });
  app.synth();
  const directory = path.join(outdir, "stacks", "stack");
  const configuration: Configuration = JSON.parse(readFileSync(path.join(directory, "cdk.tf.json"), "utf8"));
  const lambda = onlyResource(configuration, "aws_lambda_function");
  return { configuration, lambda, zip: readFileSync(path.join(directory, lambda.filename)) };
}

/** Reads the only file of an unencrypted, uncompressed zip by its local header. */
function unzip(zip: Buffer): { name: string; content: string } {
  const nameLength = zip.readUInt16LE(26);
  const start = 30 + nameLength + zip.readUInt16LE(28);
  return {
    name: zip.toString("utf8", 30, 30 + nameLength),
    content: zip.toString("utf8", start, start + zip.readUInt32LE(18)),
  };
}

test("the defaults", () => {
  const { lambda, configuration } = synthesise();
  expect(lambda).toMatchObject({
    function_name: "shop-greeter",
    runtime: "nodejs22.x",
    handler: "index.handler",
    architectures: ["arm64"],
    memory_size: 256,
    timeout: 10,
  });
  expect(lambda.environment).toBeUndefined();
  expect(onlyResource(configuration, "aws_cloudwatch_log_group")).toMatchObject({
    name: "/aws/lambda/shop-greeter",
    retention_in_days: 30,
  });
});

test("what is asked for", () => {
  const { lambda, configuration } = synthesise({
    handler: "main",
    architecture: "x86_64",
    memorySize: 1024,
    timeout: 3,
    environment: { A: "1" },
    logRetentionDays: 7,
  });
  expect(lambda).toMatchObject({
    handler: "index.main",
    architectures: ["x86_64"],
    memory_size: 1024,
    timeout: 3,
    environment: { variables: { A: "1" } },
  });
  expect(onlyResource(configuration, "aws_cloudwatch_log_group").retention_in_days).toBe(7);
});

test("what reviewers ask for", () => {
  const boundary = "arn:aws:iam::123456789012:policy/boundary";
  const key = "arn:aws:kms:us-east-1:123456789012:key/1";
  const tags = { team: "shop" };
  const { lambda, configuration } = synthesise({
    tracing: true,
    reservedConcurrentExecutions: 0,
    permissionsBoundaryArn: boundary,
    rolePath: "/functions/",
    kmsKeyArn: key,
    tags,
  });
  expect(lambda).toMatchObject({
    tracing_config: { mode: "Active" },
    reserved_concurrent_executions: 0,
    kms_key_arn: key,
    tags,
  });
  expect(onlyResource(configuration, "aws_cloudwatch_log_group")).toMatchObject({ kms_key_id: key, tags });
  expect(onlyResource(configuration, "aws_iam_role")).toMatchObject({
    permissions_boundary: boundary,
    path: "/functions/",
    tags,
  });
  const tracing = resources(configuration, "aws_iam_role_policy").find(({ name }) => name === "write-traces");
  expect(JSON.parse(tracing?.policy).Statement).toEqual([
    { Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: "*" },
  ]);
  expect(lambda.depends_on).toContain(tracing?.address);
});

test("without being asked for, nothing of it is there", () => {
  const { lambda, configuration } = synthesise();
  expect(lambda.tracing_config).toEqual({ mode: "PassThrough" });
  for (const name of ["reserved_concurrent_executions", "kms_key_arn", "tags"]) {
    expect(lambda).not.toHaveProperty(name);
  }
  expect(onlyResource(configuration, "aws_cloudwatch_log_group")).not.toHaveProperty("kms_key_id");
  const role = onlyResource(configuration, "aws_iam_role");
  for (const name of ["permissions_boundary", "path", "tags"]) {
    expect(role).not.toHaveProperty(name);
  }
});

test("another runtime", () => {
  const { lambda, zip } = synthesise({ runtime: "nodejs24.x" });
  expect(lambda.runtime).toBe("nodejs24.x");
  expect(unzip(zip).content).toContain("answer = 42");
});

test("the role is Lambda's, and may write to the function's own log group only", () => {
  const { configuration, lambda } = synthesise();
  const role = onlyResource(configuration, "aws_iam_role");
  const group = onlyResource(configuration, "aws_cloudwatch_log_group");
  const policy = onlyResource(configuration, "aws_iam_role_policy");
  expect(lambda.role).toBe(`\${${role.address}.arn}`);
  expect(JSON.parse(role.assume_role_policy)).toEqual({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ],
  });
  expect(policy.role).toBe(`\${${role.address}.name}`);
  expect(JSON.parse(policy.policy)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `\${${group.address}.arn}:*`,
      },
    ],
  });
  expect(resources(configuration, "aws_iam_role_policy_attachment")).toEqual([]);
  expect([...lambda.depends_on].sort()).toEqual([group.address, policy.address]);
});

test("the zip holds the bundle, and its hash is the one that Lambda reports", () => {
  const { lambda, zip } = synthesise();
  expect(lambda.source_code_hash).toBe(createHash("sha256").update(zip).digest("base64"));
  const { name, content } = unzip(zip);
  expect(name).toBe("index.js");
  const module = { exports: {} as { handler(): Promise<unknown> } };
  new Function("module", "exports", content)(module, module.exports);
  return expect(module.exports.handler()).resolves.toEqual({ answer: 42 });
});

test("the same sources give the same bytes, whatever the directory, the output and the time", () => {
  const first = synthesise();
  const elsewhere = sources({ "handler.ts": HANDLER, "answer.ts": ANSWER });
  const second = synthesise({ entry: path.join(elsewhere, "handler.ts") });
  expect(second.zip.equals(first.zip)).toBe(true);
  expect(second.lambda.filename).toBe(first.lambda.filename);
});

test("a relative entry counts from the working directory", () => {
  const relative = synthesise({ entry: path.relative(process.cwd(), ENTRY) });
  expect(relative.zip.equals(synthesise().zip)).toBe(true);
});

test("a changed import changes hash and path", () => {
  const before = synthesise().lambda;
  const changed = sources({ "handler.ts": HANDLER, "answer.ts": ANSWER.replace("42", "43") });
  const after = synthesise({ entry: path.join(changed, "handler.ts") }).lambda;
  expect(after.source_code_hash).not.toBe(before.source_code_hash);
  expect(after.filename).not.toBe(before.filename);
});

test("a source that can't be bundled is named, with esbuild's words", () => {
  const broken = path.join(sources({ "broken.ts": HANDLER }), "broken.ts");
  expect(() => synthesise({ entry: broken })).toThrow(BundleError);
  expect(() => synthesise({ entry: broken })).toThrow(/broken\.ts[\s\S]*Could not resolve "\.\/answer"/);
});

test("without esbuild the error says how to install it", () => {
  const entry = path.join(newDirectory(), "handler.ts");
  writeFileSync(entry, ANSWER);
  expect(() => synthesise({ entry })).toThrow(BundleError);
  expect(() => synthesise({ entry })).toThrow("npm install --save-dev esbuild");
});
