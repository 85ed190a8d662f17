/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  transform: { "\\.[cm]?[jt]sx?$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
  // jose is published as ES modules only; Jest runs CommonJS.
  transformIgnorePatterns: ["/node_modules/(?!jose/)"],
  testTimeout: 30_000,
};
