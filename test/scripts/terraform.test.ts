/** Which Terraform is run, and where it is told to find its provider. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  findProviderMirror,
  findTerraform,
  NoTerraformError,
  providerEnvironment,
} from "../../scripts/terraform";

const PLATFORM = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "terraform-test-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** An unpacked mirror below the test's directory. */
function mirror(name: string, platform = PLATFORM): string {
  const root = path.join(directory, name);
  mkdirSync(path.join(root, "registry.terraform.io", "hashicorp", "aws", "5.100.0", platform), {
    recursive: true,
  });
  return root;
}

/** An environment that leads nowhere outside of the test's directory. */
const nowhere = () => ({
  HOME: path.join(directory, "home"),
  XDG_DATA_HOME: path.join(directory, "data"),
  XDG_DATA_DIRS: path.join(directory, "shared"),
});

const find = (environment: Record<string, string>) =>
  findProviderMirror(environment, path.join(directory, "opt"));

describe("the provider mirror", () => {
  test("is none where there is none", () => {
    expect(find(nowhere())).toBeUndefined();
  });

  test.each([
    ["in Terraform's directory of the home", "home/.terraform.d/plugins"],
    ["in the user's data directory", "data/terraform/plugins"],
    ["in a shared data directory", "shared/terraform/plugins"],
    ["one level below the directory for add-on software", "opt/any-name"],
  ])("is found %s", (_where, name) => {
    const root = mirror(name);
    expect(find(nowhere())).toBe(root);
  });

  test("is found at PROVIDER_MIRROR before anywhere else", () => {
    mirror("home/.terraform.d/plugins");
    const chosen = mirror("chosen");
    expect(find({ ...nowhere(), PROVIDER_MIRROR: chosen })).toBe(chosen);
  });

  test("of another platform doesn't count", () => {
    mirror("opt/other", "plan9_mips");
    expect(find(nowhere())).toBeUndefined();
  });

  test.each([
    [undefined, true],
    ["5.100.0", true],
    ["= 5.100.0", true],
    ["~> 6.0", true],
    ["6.64.0", false],
  ])("without the one version that AWS_PROVIDER_VERSION %p asks for doesn't count", (wanted, counts) => {
    const root = mirror("opt/any-name");
    const environment = wanted === undefined ? nowhere() : { ...nowhere(), AWS_PROVIDER_VERSION: wanted };
    expect(find(environment)).toBe(counts ? root : undefined);
  });

  test("two levels down isn't looked for", () => {
    mirror("opt/too/deep");
    expect(find(nowhere())).toBeUndefined();
  });
});

describe("Terraform's environment", () => {
  test("leaves a CLI configuration of the user's alone", () => {
    const file = path.join(directory, "own.tfrc");
    writeFileSync(file, "");
    const environment = { ...nowhere(), PROVIDER_MIRROR: mirror("mirror"), TF_CLI_CONFIG_FILE: file };
    expect(providerEnvironment(environment, directory)).toEqual({ TF_CLI_CONFIG_FILE: file });
  });

  test("leaves Terraform to the registry where there is no mirror, and writes no configuration", () => {
    const empty = path.join(directory, "nothing");
    expect(providerEnvironment(nowhere(), directory, empty)).toEqual({});
    const missing = {
      ...nowhere(),
      PROVIDER_MIRROR: empty,
      TF_CLI_CONFIG_FILE: path.join(directory, "gone"),
    };
    expect(providerEnvironment(missing, directory, empty)).toEqual({});
    expect(readdirSync(directory)).toEqual([]);
  });

  test("uses a mirror for the AWS provider and the registry for all others", () => {
    const root = mirror("mirror");
    const environment = {
      ...nowhere(),
      PROVIDER_MIRROR: root,
      TF_CLI_CONFIG_FILE: path.join(directory, "gone"),
    };
    const { TF_CLI_CONFIG_FILE, ...others } = providerEnvironment(environment, directory);
    expect(others).toEqual({ CDKTF_SKIP_PROVIDER_LOCK: "true", CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1" });
    const written = readFileSync(TF_CLI_CONFIG_FILE as string, "utf8").replace(/\s+/g, " ");
    const provider = '"registry.terraform.io/hashicorp/aws"';
    expect(written).toContain(`filesystem_mirror { path = "${root}" include = [${provider}] }`);
    expect(written).toContain(`direct { exclude = [${provider}] }`);
  });
});

describe("the command", () => {
  const program = (name: string) => {
    const file = path.join(directory, name);
    writeFileSync(file, "");
    chmodSync(file, 0o755);
  };

  test("is terraform before tofu", () => {
    program("tofu");
    expect(findTerraform({ PATH: directory })).toBe("tofu");
    program("terraform");
    expect(findTerraform({ PATH: directory })).toBe("terraform");
  });

  test("is what TERRAFORM_BINARY_NAME says", () => {
    program("terraform");
    program("terraform-next");
    expect(findTerraform({ PATH: directory, TERRAFORM_BINARY_NAME: "terraform-next" })).toBe(
      "terraform-next",
    );
  });

  test("that TERRAFORM_BINARY_NAME names and isn't there is told by that name", () => {
    program("terraform");
    expect(() => findTerraform({ PATH: directory, TERRAFORM_BINARY_NAME: "no-such" })).toThrow(
      /^TERRAFORM_BINARY_NAME is "no-such".*unset it/,
    );
  });

  test("that isn't there is told with where to get it", () => {
    expect(() => findTerraform({ PATH: directory })).toThrow(NoTerraformError);
    expect(() => findTerraform({ PATH: directory })).toThrow(/Install Terraform 1\.6 or later/);
  });
});
