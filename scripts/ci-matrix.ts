/**
 * The rows of `.github/workflows/ci.yml`'s matrix: Node × library × provider × Terraform or OpenTofu, and macOS. Not all 32, but every
 * pair of values at least once, and what is new alone beside what is proven, so that a failing row names its cause. Run, it prints them
 * for `fromJSON`.
 */

/** What a row is made of. */
export const FACTORS = {
  node: [20, 22, 24, 26],
  library: ["cdktf", "cdktn"],
  provider: ["5.100.0", "~> 6.0"],
  /** The command, as in `TERRAFORM_BINARY_NAME`. */
  tool: ["terraform", "tofu"],
} as const;

export type Factors = { readonly [Name in keyof typeof FACTORS]: (typeof FACTORS)[Name][number] };

export interface Row extends Factors {
  readonly os: "ubuntu-24.04" | "macos-15";
  /** Whether a failure is known to be possible and leaves the workflow green. */
  readonly mayFail: boolean;
  /** What may fail and why, or since when it is known to pass. */
  readonly note: string;
}

/** Pairs that cannot be, and why. */
export const IMPOSSIBLE: readonly { readonly pair: Partial<Factors>; readonly reason: string }[] = [
  { pair: { node: 20, library: "cdktn" }, reason: "CDK Terrain needs Node 22.11." },
];

const PROVEN = {
  library: "cdktf",
  provider: "5.100.0",
  tool: "terraform",
  os: "ubuntu-24.04",
  mayFail: false,
} as const;

const PROVIDER_6 = "Provider 6 was never applied before: local AWS may lack calls that it makes.";
const OPENTOFU = "OpenTofu was never run before.";
const MACOS = "Never run on macOS before.";

export const ROWS: readonly Row[] = [
  { ...PROVEN, node: 20, note: "Passed on Linux by hand." },
  { ...PROVEN, node: 22, note: "Passed on Linux by hand." },
  { ...PROVEN, node: 24, note: "Passed on Linux by hand; what is recommended." },
  { ...PROVEN, node: 26, note: "Passed on Linux by hand." },
  // One thing new in each.
  {
    ...PROVEN,
    node: 24,
    library: "cdktn",
    note: "A test deploys CDK Terrain's output with its own CLI; here cdktf-cli does, under the alias.",
  },
  { ...PROVEN, node: 24, provider: "~> 6.0", mayFail: true, note: PROVIDER_6 },
  { ...PROVEN, node: 24, tool: "tofu", mayFail: true, note: OPENTOFU },
  // The other pairs.
  { ...PROVEN, node: 20, provider: "~> 6.0", tool: "tofu", mayFail: true, note: `${PROVIDER_6} ${OPENTOFU}` },
  { ...PROVEN, node: 22, library: "cdktn", provider: "~> 6.0", mayFail: true, note: PROVIDER_6 },
  { ...PROVEN, node: 22, tool: "tofu", mayFail: true, note: OPENTOFU },
  { ...PROVEN, node: 26, library: "cdktn", tool: "tofu", mayFail: true, note: OPENTOFU },
  { ...PROVEN, node: 26, provider: "~> 6.0", mayFail: true, note: PROVIDER_6 },
  { ...PROVEN, node: 24, os: "macos-15", mayFail: true, note: MACOS },
  {
    ...PROVEN,
    node: 24,
    provider: "~> 6.0",
    tool: "tofu",
    os: "macos-15",
    mayFail: true,
    note: `${MACOS} ${PROVIDER_6} ${OPENTOFU}`,
  },
];

/** Names a row, in characters that an artifact's name may have. */
export function nameOf({ node, library, provider, tool, os }: Row): string {
  const major = /\d+/.exec(provider)?.[0];
  return [`node${node}`, library, `aws${major}`, tool, ...(os === "macos-15" ? ["macos"] : [])].join("-");
}

if (require.main === module) {
  console.log(JSON.stringify(ROWS.map((row) => ({ name: nameOf(row), ...row }))));
}
