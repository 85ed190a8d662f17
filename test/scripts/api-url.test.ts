import { apiUrl } from "../../scripts/api-url";

const HOSTED = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/dev";

test.each([
  ["AWS itself", HOSTED, undefined, HOSTED],
  ["an empty setting", HOSTED, "", HOSTED],
  ["local AWS", HOSTED, "http://127.0.0.1:4566", "http://127.0.0.1:4566/_aws/execute-api/a1b2c3d4e5/dev"],
  ["a slash", HOSTED, "http://localhost:1/", "http://localhost:1/_aws/execute-api/a1b2c3d4e5/dev"],
  ["a custom domain", "https://api.example/v1", "http://127.0.0.1:4566", "https://api.example/v1"],
])("%s", (_what, invokeUrl, endpoint, expected) => {
  expect(apiUrl(invokeUrl, endpoint)).toBe(expected);
});
