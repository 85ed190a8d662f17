/**
 * A Jest environment with local AWS in it: every test file has an account of its own, which ends with the file, and whatever reads
 * the environment (the AWS SDK, the harness) finds that account.
 *
 * @example In jest.config.js, or as `@jest-environment` in one file's first comment
 * module.exports = { testEnvironment: "developer-authenticated-identities/jest" };
 *
 * @example In a test
 * beforeEach(() => localAws.reset());
 *
 * test("what nobody allowed is refused", async () => {
 *   const iam = new IAMClient(); // local AWS's endpoint, region and root credentials
 *   // …
 *   expect(localAws.decisions(1)).toMatchObject([{ outcome: "refused" }]);
 * });
 */
import { TestEnvironment } from "jest-environment-node";
import { type LocalAws, type LocalAwsOptions, startLocalAws } from ".";

declare global {
  /** The account of this test file, where `developer-authenticated-identities/jest` is its environment. */
  var localAws: LocalAws;
}

/** What would lead a client past the account: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html */
const LEADS_ELSEWHERE =
  /^AWS_(PROFILE|DEFAULT_PROFILE|SESSION_TOKEN|IGNORE_CONFIGURED_ENDPOINT_URLS|ENDPOINT_URL_\w+)$/;

/**
 * The environment. `testEnvironmentOptions: { localAws: { region: "eu-central-1" } }` in Jest's configuration are options of
 * `startLocalAws`, as far as they can be written as JSON. A program that a test starts gets the account by `env: process.env`.
 *
 * @throws InvalidOptionError before the file's first test
 */
export class LocalAwsEnvironment extends TestEnvironment {
  readonly #options: LocalAwsOptions | undefined;
  #account: LocalAws | undefined;

  constructor(...[config, context]: ConstructorParameters<typeof TestEnvironment>) {
    super(config, context);
    this.#options = config.projectConfig.testEnvironmentOptions.localAws as LocalAwsOptions | undefined;
  }

  override async setup(): Promise<void> {
    await super.setup();
    this.#account = await startLocalAws(this.#options);
    // The test file's own copy of the environment: Jest's workers and the next file don't see it.
    const { env } = this.global.process;
    for (const name of Object.keys(env).filter((name) => LEADS_ELSEWHERE.test(name))) {
      delete env[name];
    }
    Object.assign(env, this.#account.environment);
    this.global.localAws = this.#account;
  }

  override async teardown(): Promise<void> {
    await this.#account?.stop();
    await super.teardown();
  }
}

export default LocalAwsEnvironment;
