/** What a client recipe of docs/recipes.md needs around it: an API that demands signatures, a login, and a folder to run it in. */
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CognitoIdentityClient,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { build } from "esbuild";
import { ApiClient, STAGE } from "./api-client";
import { deployEchoApi } from "./echo-api";
import { DEVELOPER_PROVIDER } from "./identity-session";
import { listen } from "./listen";
import { type Finished, PROJECT, runToEnd, withoutAws } from "./programs";
import { recipe } from "./recipes";

/** Alice's session of the application; every other is refused with 401. */
const SESSION = "alice-is-signed-in";

export class ClientApplication {
  private constructor(
    readonly api: ApiClient,
    private readonly cognito: CognitoIdentityClient,
    private readonly login: Server,
    private readonly loginUrl: string,
    private readonly invokeUrl: string,
    /** Alice's identity, and the role of her session. */
    readonly identityId: string,
    readonly roleName: string,
  ) {}

  static async start(): Promise<ClientApplication> {
    const api = await ApiClient.start();
    const { endpoint, region, credentials } = api.aws;
    const { apiId, session } = await deployEchoApi(api);
    const cognito = new CognitoIdentityClient({ endpoint, region, credentials });
    const login = createServer(async (request, response) => {
      if (request.method !== "POST" || request.headers.authorization !== `Bearer ${SESSION}`) {
        response.writeHead(401).end(JSON.stringify({ error: "unauthorized", message: "Sign in again." }));
        return;
      }
      const { IdentityId: identityId, Token: token } = await cognito.send(
        new GetOpenIdTokenForDeveloperIdentityCommand({
          IdentityPoolId: session.identityPoolId,
          Logins: { [DEVELOPER_PROVIDER]: "alice" },
        }),
      );
      response.end(JSON.stringify({ identityId, token, expiresIn: 900, region }));
    });
    const loginUrl = `http://127.0.0.1:${await listen(login)}/login`;
    const invokeUrl = `${endpoint}/_aws/execute-api/${apiId}/${STAGE}`;
    return new ClientApplication(
      api,
      cognito,
      login,
      loginUrl,
      invokeUrl,
      session.identityId,
      session.roleName,
    );
  }

  /** The block with this application's values in place of the examples. */
  settled(block: string, session = SESSION): string {
    return recipe(block, {
      "https://abcdef1234.execute-api.us-east-1.amazonaws.com/dev": this.invokeUrl,
      "https://login.app.example/login": this.loginUrl,
      "eyJhbGciOi…": session,
    });
  }

  /**
   * Runs a block that imports `credentials.js` and `settings.js`, bundled with the client file as copied.
   *
   * @param install the block with its installation; without it, the packages are the project's
   */
  async runBundled(block: string, { session = SESSION, install = "" } = {}): Promise<Finished> {
    const settings = this.settled("settings.js", session).replace(
      "endpoint = undefined",
      `endpoint = ${JSON.stringify(this.api.aws.endpoint)}`,
    );
    return inFolder(install, async (folder) => {
      copyFileSync(
        path.join(PROJECT, "web/developer-identity.ts"),
        path.join(folder, "developer-identity.ts"),
      );
      for (const [name, text] of Object.entries({
        "settings.js": settings,
        "credentials.js": recipe("credentials.js"),
        [block]: recipe(block),
      })) {
        writeFileSync(path.join(folder, name), text);
      }
      await build({
        entryPoints: [path.join(folder, block)],
        outfile: path.join(folder, "bundle.mjs"),
        bundle: true,
        platform: "node",
        format: "esm",
        // CommonJS packages in an ES module ask for it.
        banner: {
          js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
        },
        logLevel: "silent",
      });
      return this.#run(folder, "bundle.mjs");
    });
  }

  /** Runs a CommonJS block that stands alone, as it is. */
  async runAlone(block: string, install: string): Promise<Finished> {
    return inFolder(install, async (folder) => {
      writeFileSync(path.join(folder, block), this.settled(block));
      return this.#run(folder, block);
    });
  }

  #run(folder: string, file: string): Promise<Finished> {
    const env = {
      ...withoutAws(),
      AWS_ENDPOINT_URL: this.api.aws.endpoint,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    };
    return runToEnd(process.execPath, [file], env, folder);
  }

  async stop(): Promise<void> {
    this.cognito.destroy();
    this.login.closeAllConnections();
    this.login.close();
    await this.api.stop();
  }
}

async function inFolder(install: string, run: (folder: string) => Promise<Finished>): Promise<Finished> {
  const folder = mkdtempSync(path.join(tmpdir(), "client-recipe-"));
  try {
    if (install === "") {
      symlinkSync(path.join(PROJECT, "node_modules"), path.join(folder, "node_modules"));
    } else {
      writeFileSync(path.join(folder, "package.json"), "{}");
      const [npm = "", ...args] = recipe(install).trim().split(" ");
      const installed = await runToEnd(npm, [...args, "--no-audit", "--no-fund"], withoutAws(), folder);
      if (installed.code !== 0) {
        throw new Error(`${recipe(install)} ended with ${installed.code}:\n${installed.output}`);
      }
    }
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
