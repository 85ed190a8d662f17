// The SDK's versions are pinned; that later ones will drop Node 20 isn't news for a test run.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  transform: {
    "\\.[cm]?[jt]sx?$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }],
  },
  // jose is published as ES modules only; Jest runs CommonJS.
  transformIgnorePatterns: ["/node_modules/(?!jose/)"],
  testTimeout: 30_000,
};
