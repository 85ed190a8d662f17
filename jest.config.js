// The SDK's versions are pinned; that later ones will drop Node 20 isn't news for a test run.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** Opens Chromium. */
const BROWSER = ["-in-browser\\.test\\.ts$"];
/** Deploys, or is asked to, as a user does. */
const TERRAFORM = ["/test/e2e/.*\\.test\\.ts$", "/test/main\\.test\\.ts$"];
/** Starts many processes, or waits or computes for long: not for the inner loop. */
const PROCESS = [
  "/functions/login-attacks\\.test\\.ts$",
  "/test/import-rules\\.test\\.ts$",
  "/local-aws/service-model/service-model\\.test\\.ts$",
  "/test/scripts/(module|github/command)\\.test\\.ts$",
  "/harness/(access/(computed|matrix|observed)|clean-up|faults|load/run|redaction|refusals/refusals|reporting/real-walks|cli/main|cli/required-policy|slot)\\.test\\.ts$",
  "/local-aws/(server|account/file)\\.test\\.ts$",
  "/services/(cognito-identity/credentials|execute-api/lambda-proxy|logs/logs|sts/(issuer-keys|sessions))\\.test\\.ts$",
  "/services/lambda/(events|invoke|runtime/processes)\\.test\\.ts$",
];
const SLOW = "\\.slow\\.test\\.ts$";

const shared = {
  rootDir: __dirname,
  testEnvironment: "node",
  roots: ["<rootDir>/test", "<rootDir>/examples"],
  // The examples import the package as its users do.
  moduleNameMapper: {
    "^developer-authenticated-identities$": "<rootDir>/harness",
    "^developer-authenticated-identities/local-aws$": "<rootDir>/local-aws",
  },
  transform: {
    "\\.[cm]?[jt]sx?$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }],
  },
  // jose is published as ES modules only, and so is what actionlint's package colors with; Jest runs CommonJS.
  transformIgnorePatterns: ["/node_modules/(?!(jose|@tktco|chalk)/)"],
};

/** @type {import("jest").Config} */
module.exports = {
  testTimeout: 30_000,
  testSequencer: "<rootDir>/test/support/longest-first.js",
  projects: [
    { ...shared, displayName: "unit", testPathIgnorePatterns: [...BROWSER, ...TERRAFORM, ...PROCESS, SLOW] },
    { ...shared, displayName: "process", testRegex: PROCESS, testPathIgnorePatterns: [SLOW] },
    { ...shared, displayName: "browser", testRegex: BROWSER },
    { ...shared, displayName: "terraform", testRegex: TERRAFORM, testPathIgnorePatterns: [SLOW] },
    { ...shared, displayName: "slow", testRegex: SLOW },
  ],
};
