/** Runs `npm run verify` in this process: the whole command, from its arguments to its exit code, without a start-up each. */
import { verify } from "../../harness/cli/verify";
import type { LocalAws } from "../../local-aws";

export interface Verified {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @param account where the backend's credentials are from
 * @param endpoint what stands in for AWS
 */
export async function verifyInProcess(
  args: readonly string[],
  { credentials }: Pick<LocalAws, "credentials">,
  endpoint: string,
): Promise<Verified> {
  const texts = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof texts) => ({
    write: (text: string) => {
      texts[name] += text;
    },
  });
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  delete process.env.AWS_SESSION_TOKEN;
  delete process.env.AWS_PROFILE;
  try {
    const code = await verify(args, {
      stdout: stream("stdout"),
      stderr: stream("stderr"),
      environment: {},
      signal: new AbortController().signal,
    });
    return { code, ...texts };
  } finally {
    process.env = before;
  }
}
