/** Reads the file that `cdktf deploy --outputs-file` wrote: what was deployed, and where. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { SettingsError } from "./errors";

const REMEDIATION = "Run: npx cdktf deploy '*' --outputs-file outputs.json";

/** A region's code, e.g. `us-gov-west-1`, as the source of a pattern. */
export const REGION = "[a-z]{2,4}(?:-[a-z]+)+-\\d{1,2}";

/** The routes of deployments that are older than the output `probe_route`. */
export const OLDER_ROUTES = { probe_route: "GET /hello", refused_route: "GET /restricted" } as const;

const route = z.string().regex(/^(GET|HEAD) \/\S*$/, "is not GET or HEAD and a path, e.g. GET /hello");

const ROLE_ARN = /^arn:[\w-]+:iam::\d{12}:role\/.+$/;

/** Form of ids: https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_DescribeIdentityPool.html */
const outputsSchema = z.object({
  region: z.string().regex(new RegExp(`^${REGION}$`), "is not the name of a region"),
  identity_pool_id: z.string().regex(/^[\w-]+:[0-9a-f-]+$/, "is not an identity pool id (REGION:GUID)"),
  developer_provider_name: z.string().regex(/^[\w.-]{1,128}$/, "is not the name of a developer provider"),
  authenticated_role_arn: z.string().regex(ROLE_ARN, "is not the ARN of a role"),
  unauthenticated_role_arn: z.string().regex(ROLE_ARN, "is not the ARN of a role").optional(),
  invoke_url: z.url({ protocol: /^https$/, error: "is not an https URL" }),
  allowed_origin: z
    .string()
    .regex(/^(\*|https?:\/\/[^/\s]+)$/, "is not an origin (https://host) or *")
    .optional(),
  probe_route: route.optional(),
  refused_route: route.optional(),
  login_url: z.url({ protocol: /^https$/, error: "is not an https URL" }).optional(),
  access: z.string().optional(),
  user_route: z
    .string()
    .regex(/^GET \/\S*\{username\}\S*$/, "is not GET and a path with {username}, e.g. GET /users/{username}")
    .optional(),
});

/** What a stack gives each needed output, said in terms of the modules `DeveloperIdentityPool` and `RestApi`. */
const VALUES: Readonly<Record<string, string>> = {
  region: '"us-east-1"',
  identity_pool_id: "pool.identityPoolId",
  developer_provider_name: "pool.developerProviderName",
  authenticated_role_arn: "pool.authenticatedRoleArn",
  invoke_url: "api.invokeUrl",
};

type Outputs = z.infer<typeof outputsSchema>;

/** What the harness has to know of a deployment. */
export interface Deployment {
  readonly region: string;
  readonly identityPoolId: string;
  readonly developerProviderName: string;
  readonly authenticatedRoleArn: string;
  /** The role of guests; undefined when the deployment declares none. */
  readonly unauthenticatedRoleArn?: string;
  /** The API's stage, e.g. `https://a1b2c3.execute-api.us-east-1.amazonaws.com/dev`. */
  readonly invokeUrl: string;
  /** The origin whose pages may call the API, or `*`; undefined when the outputs don't say. */
  readonly allowedOrigin?: string;
  /** The route that signed-in identities may call: its method and its path below the stage, e.g. `GET /hello`. */
  readonly probeRoute: string;
  /** A route that is there and granted to nobody; undefined when the deployment has none. */
  readonly refusedRoute?: string;
  /** Where a client POSTs the application's session; undefined when the deployment has no login endpoint. */
  readonly loginUrl?: string;
  /** A route that each identity may call for its own tag `username` only, e.g. `GET /users/{username}`. */
  readonly userRoute?: string;
  /** Who may call each route, as JSON of the form of an access file; undefined when the outputs don't say. */
  readonly access?: string;
}

/** Finds the name of a role, without the path that its ARN may hold. */
export function roleNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/**
 * Reads and checks an outputs file.
 *
 * @throws SettingsError when the file is missing or does not describe one deployment
 */
export function readOutputs(file: string): Deployment {
  return parseOutputs(readJson(file), file);
}

/**
 * Finds a deployment in the outputs of its stacks: `{ STACK: { OUTPUT: value } }`, whatever the stacks are called.
 *
 * @param source where the outputs come from, for messages
 * @throws SettingsError listing everything that is missing, ambiguous or malformed
 */
export function parseOutputs(outputs: unknown, source: string): Deployment {
  const found = Object.keys(outputsSchema.shape).map(
    (name) => [name, [...valuesNamed(name, outputs)]] as const,
  );
  const ambiguous = found.filter(([, values]) => values.length > 1);
  if (ambiguous.length > 0) {
    const names = ambiguous.map(([name, values]) => `  ${name}: ${values.join(", ")}`);
    throw new SettingsError(
      `${source} holds the outputs of more than one deployment:\n${names.join("\n")}\nDeploy one stage into it. ${REMEDIATION}`,
    );
  }
  const single = Object.fromEntries(found.map(([name, [value]]) => [name, value]));
  const { data, error } = outputsSchema.safeParse(single);
  const problems =
    error === undefined
      ? conflicts(data)
      : error.issues.map(({ path: [name = ""], message }) => {
          const output = String(name);
          const value = single[output];
          return value === undefined
            ? `${output} is missing: new TerraformOutput(this, "${output}", { value: ${VALUES[output]} });`
            : `${output} ${message} (found ${JSON.stringify(value)})`;
        });
  if (data === undefined || problems.length > 0) {
    const lines = problems.map((problem) => `  ${problem}\n`).join("");
    throw new SettingsError(
      `${source} does not describe a deployment that can be walked:\n${lines}${REMEDIATION}`,
    );
  }
  const { probe_route, refused_route } = data.probe_route === undefined ? OLDER_ROUTES : data;
  return {
    region: data.region,
    identityPoolId: data.identity_pool_id,
    developerProviderName: data.developer_provider_name,
    authenticatedRoleArn: data.authenticated_role_arn,
    unauthenticatedRoleArn: data.unauthenticated_role_arn,
    invokeUrl: data.invoke_url.replace(/\/+$/, ""),
    allowedOrigin: data.allowed_origin,
    probeRoute: probe_route ?? OLDER_ROUTES.probe_route,
    refusedRoute: refused_route,
    loginUrl: data.login_url,
    userRoute: data.user_route,
    access: data.access,
  };
}

/** Outputs that are well-formed but can't belong to one deployment. */
function conflicts({ region, identity_pool_id, invoke_url }: Outputs): string[] {
  const problems: string[] = [];
  const poolRegion = identity_pool_id.split(":")[0];
  if (poolRegion !== region) {
    problems.push(`identity_pool_id is a pool of ${poolRegion}, but region is ${region}`);
  }
  const { host, pathname } = new URL(invoke_url);
  // Absent for a custom domain, which may map the stage to any path.
  const apiRegion = /\.execute-api\.([^.]+)\.amazonaws\./.exec(host)?.[1];
  if (apiRegion !== undefined && apiRegion !== region) {
    problems.push(`invoke_url is an API of ${apiRegion}, but region is ${region}`);
  }
  if (apiRegion !== undefined && pathname === "/") {
    problems.push("invoke_url names no stage");
  }
  return problems;
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === "ENOENT" ? "There is no file" : `Could not read (${code})`;
    throw new SettingsError(`${reason} ${file}. ${REMEDIATION}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = text.trim() === "" ? "is empty" : "is not JSON";
    throw new SettingsError(`${file} ${reason}. ${REMEDIATION}`, { cause: error });
  }
}

/** Finds the distinct values of that name at any depth: outputs of nested constructs are nested too. */
function valuesNamed(name: string, outputs: unknown): Set<unknown> {
  const values = new Set<unknown>();
  if (typeof outputs !== "object" || outputs === null) {
    return values;
  }
  for (const [key, value] of Object.entries(outputs)) {
    if (key === name && typeof value !== "object") {
      values.add(value);
    }
    for (const nested of valuesNamed(name, value)) {
      values.add(nested);
    }
  }
  return values;
}
