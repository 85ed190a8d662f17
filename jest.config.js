// The SDK's versions are pinned; that later ones will drop Node 20 isn't news for a test run.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** Starts Terraform, a browser or other people's clients, or waits or computes for long: not for the inner loop. */
const WHOLE = [
  "/test/whole/.*\\.test\\.ts$",
  "/(html-in-browser|command-line-clients)\\.test\\.ts$",
  "/harness/(clean-up|cli|faults|redaction|refusals|required-policy)\\.test\\.ts$",
  "/local-aws/(account-file|cognito-identity-credentials|execute-api/lambda-proxy|lambda-events|lambda-invoke|lambda-processes|logs|server|session-store)\\.test\\.ts$",
  "/test/main\\.test\\.ts$",
];
const SLOW = "\\.slow\\.test\\.ts$";

const shared = {
  rootDir: __dirname,
  testEnvironment: "node",
  roots: ["<rootDir>/test", "<rootDir>/examples"],
  transform: {
    "\\.[cm]?[jt]sx?$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }],
  },
  // jose is published as ES modules only; Jest runs CommonJS.
  transformIgnorePatterns: ["/node_modules/(?!jose/)"],
};

/** @type {import("jest").Config} */
module.exports = {
  testTimeout: 30_000,
  testSequencer: "<rootDir>/test/longest-first.js",
  projects: [
    { ...shared, displayName: "fast", testPathIgnorePatterns: [...WHOLE, SLOW] },
    { ...shared, displayName: "whole", testRegex: WHOLE, testPathIgnorePatterns: [SLOW] },
    { ...shared, displayName: "slow", testRegex: SLOW },
  ],
};
