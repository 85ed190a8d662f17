// The function's settings, its role, and a bundle whose bytes depend on nothing but the sources.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack, Token } from "cdktf";
import { BundleError, NodeFunction, type NodeFunctionProps } from "../../../stacks/modules/node-function";
import { type Configuration, onlyResource, resources } from "../../support/configuration";

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

interface Synthesized {
  readonly configuration: Configuration;
  readonly lambda: ReturnType<typeof onlyResource>;
  readonly zip: Buffer;
}

function synthesize(
  props: Partial<NodeFunctionProps> = {},
  then: (greeter: NodeFunction) => void = () => {},
): Synthesized {
  const outdir = newDirectory();
  const app = new App({ outdir, stackTraces: false });
  const stack = new TerraformStack(app, "stack");
  new AwsProvider(stack, "aws");
  then(new NodeFunction(stack, "greeter", { name: "shop-greeter", entry: ENTRY, ...props }));
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
  const { lambda, configuration } = synthesize();
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
  const { lambda, configuration } = synthesize({
    handler: "main",
    architecture: "x86_64",
    memorySize: 1024,
    timeout: 3,
    environment: { GREETING: "1" },
    logRetentionDays: 7,
  });
  expect(lambda).toMatchObject({
    handler: "index.main",
    architectures: ["x86_64"],
    memory_size: 1024,
    timeout: 3,
    environment: { variables: { GREETING: "1" } },
  });
  expect(onlyResource(configuration, "aws_cloudwatch_log_group").retention_in_days).toBe(7);
});

test("what reviewers ask for", () => {
  const boundary = "arn:aws:iam::123456789012:policy/boundary";
  const key = "arn:aws:kms:us-east-1:123456789012:key/1";
  const tags = { team: "shop" };
  const { lambda, configuration } = synthesize({
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
  const { lambda, configuration } = synthesize();
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
  const { lambda, zip } = synthesize({ runtime: "nodejs24.x" });
  expect(lambda.runtime).toBe("nodejs24.x");
  expect(unzip(zip).content).toContain("answer = 42");
});

test("the role is Lambda's, and may write to the function's own log group only", () => {
  const { configuration, lambda } = synthesize();
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
  const { lambda, zip } = synthesize();
  expect(lambda.source_code_hash).toBe(createHash("sha256").update(zip).digest("base64"));
  const { name, content } = unzip(zip);
  expect(name).toBe("index.js");
  const module = { exports: {} as { handler(): Promise<unknown> } };
  new Function("module", "exports", content)(module, module.exports);
  return expect(module.exports.handler()).resolves.toEqual({ answer: 42 });
});

test("the same sources give the same bytes, whatever the directory, the output and the time", () => {
  const first = synthesize();
  const elsewhere = sources({ "handler.ts": HANDLER, "answer.ts": ANSWER });
  const second = synthesize({ entry: path.join(elsewhere, "handler.ts") });
  expect(second.zip.equals(first.zip)).toBe(true);
  expect(second.lambda.filename).toBe(first.lambda.filename);
});

test("a relative entry counts from the working directory", () => {
  const relative = synthesize({ entry: path.relative(process.cwd(), ENTRY) });
  expect(relative.zip.equals(synthesize().zip)).toBe(true);
});

test("a changed import changes hash and path", () => {
  const before = synthesize().lambda;
  const changed = sources({ "handler.ts": HANDLER, "answer.ts": ANSWER.replace("42", "43") });
  const after = synthesize({ entry: path.join(changed, "handler.ts") }).lambda;
  expect(after.source_code_hash).not.toBe(before.source_code_hash);
  expect(after.filename).not.toBe(before.filename);
});

test("functions of one app and one source share its bundle, each runtime has its own, and another app makes it anew", () => {
  const source = path.join(sources({ "handler.ts": HANDLER, "answer.ts": ANSWER }), "handler.ts");
  const hashes = () => {
    const app = new App({ outdir: newDirectory(), stackTraces: false });
    const stack = new TerraformStack(app, "stack");
    const hashOf = (id: string, props: Partial<NodeFunctionProps> = {}) =>
      new NodeFunction(stack, id, { name: id, entry: source, ...props }).lambdaFunction.sourceCodeHashInput;
    const first = hashOf("first");
    // Seen by nobody who takes what was bundled before.
    writeFileSync(path.join(path.dirname(source), "answer.ts"), ANSWER.replace("42", "43"));
    return { first, second: hashOf("second"), newer: hashOf("newer", { runtime: "nodejs24.x" }) };
  };
  const before = hashes();
  expect(before.second).toBe(before.first);
  expect(before.newer).not.toBe(before.first);
  const after = hashes();
  expect(after.first).toBe(before.newer);
});

test("the tsconfig.json beside the source is a source too", () => {
  const strict = JSON.stringify({ compilerOptions: { strict: true } });
  const directory = sources({ "handler.ts": HANDLER, "answer.ts": ANSWER, "tsconfig.json": strict });
  const { zip } = synthesize({ entry: path.join(directory, "handler.ts") });
  expect(unzip(zip).content).toMatch(/^"use strict";/);
  expect(unzip(synthesize().zip).content).not.toMatch(/^"use strict";/);
});

test("a source that can't be bundled is named, with esbuild's words", () => {
  const broken = path.join(sources({ "broken.ts": HANDLER }), "broken.ts");
  expect(() => synthesize({ entry: broken })).toThrow(BundleError);
  expect(() => synthesize({ entry: broken })).toThrow(/broken\.ts[\s\S]*Could not resolve "\.\/answer"/);
});

test("a bundle that Lambda would not take is refused, with its size", () => {
  const megabyte = "a".repeat(1024 * 1024);
  const source = `export const handler = async () => ${JSON.stringify(megabyte.repeat(51))}.length;\n`;
  const entry = path.join(sources({ "large.ts": source }), "large.ts");
  expect(() => synthesize({ entry })).toThrow(/large\.ts: it has 53\d{6} bytes, and Lambda takes 52428800\./);
});

test("without esbuild the error says how to install it", () => {
  const entry = path.join(newDirectory(), "handler.ts");
  writeFileSync(entry, ANSWER);
  expect(() => synthesize({ entry })).toThrow(BundleError);
  expect(() => synthesize({ entry })).toThrow("npm install --save-dev esbuild");
});

test("its constructs are there to be changed and granted to", () => {
  const { lambda, configuration } = synthesize({}, (greeter) => {
    expect(greeter.lambdaFunction).toBeInstanceOf(LambdaFunction);
    expect(greeter.role).toBeInstanceOf(IamRole);
    expect(greeter.logGroup).toBeInstanceOf(CloudwatchLogGroup);
    greeter.lambdaFunction.description = "Greets";
    greeter.role.description = "Greets";
    greeter.logGroup.skipDestroy = true;
  });
  expect(lambda.description).toBe("Greets");
  expect(onlyResource(configuration, "aws_iam_role").description).toBe("Greets");
  expect(onlyResource(configuration, "aws_cloudwatch_log_group").skip_destroy).toBe(true);
});

test.each<Partial<NodeFunctionProps>>([
  { name: "" },
  { name: "a b" },
  { entry: "" },
  { entry: "${var.entry}" },
  { name: "a".repeat(65) },
  { handler: "" },
  { handler: "index.handler()" },
  { environment: { A: "1" } },
  { environment: { "1ST": "1" } },
  { environment: { AWS_REGION: "us-east-1" } },
  { environment: { LONG: "a".repeat(4096) } },
  { architecture: "arm" as "arm64" },
  { memorySize: 127 },
  { memorySize: 10_241 },
  { memorySize: 256.5 },
  { timeout: 0 },
  { timeout: 901 },
  { timeout: Number.NaN },
  { logRetentionDays: 31 },
  { runtime: "nodejs16.x" as "nodejs22.x" },
  { reservedConcurrentExecutions: -1 },
  { reservedConcurrentExecutions: 1.5 },
  { permissionsBoundaryArn: "boundary" },
  { rolePath: "functions" },
  { kmsKeyArn: "alias/key" },
  { tags: { "aws:team": "shop" } },
])("%j is refused at synth", (props) => {
  expect(() => synthesize(props)).toThrow(RangeError);
});

test.each<Partial<NodeFunctionProps>>([
  { handler: "handlers.greet" },
  { memorySize: 10_240, timeout: 900, logRetentionDays: 0 },
  { environment: {} },
  { tags: { "cost centre": "" } },
])("%j is accepted", (props) => {
  expect(synthesize(props).lambda.function_name).toBe("shop-greeter");
});

test("fifty tags are accepted, more are refused", () => {
  const tags = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, ""]));
  expect(synthesize({ tags: tags(50) }).lambda.tags).toEqual(tags(50));
  expect(() => synthesize({ tags: tags(51) })).toThrow("tags: give at most 50");
});

test("everything that is wrong is said at once, without the variables' values", () => {
  const wrong = {
    name: "a b",
    memorySize: 1,
    timeout: 0,
    environment: { AWS_REGION: "hush" },
    rolePath: "x",
  };
  expect(() => synthesize(wrong)).toThrow(
    /^NodeFunction "greeter" cannot be declared:\n {2}name "a b": .*\n {2}environment AWS_REGION: .*\n {2}memorySize 1: .*\n {2}timeout 0: .*\n {2}rolePath "x": .*$/,
  );
  expect(() => synthesize(wrong)).not.toThrow("hush");
});

test("what only Terraform knows is left to AWS", () => {
  expect(synthesize({ name: "${local.text}" }).lambda.function_name).toBe("${local.text}");
  const text = Token.asString({ resolve: () => "${local.text}" });
  const number = Token.asNumber({ resolve: () => "${local.number}" });
  const { lambda } = synthesize({
    name: text,
    memorySize: number,
    timeout: number,
    kmsKeyArn: text,
    environment: { TEXT: text },
  });
  expect(lambda).toMatchObject({ function_name: "${local.text}", memory_size: "${local.number}" });
});
