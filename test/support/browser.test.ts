/** Tests that open a browser are never left out in CI, where nobody would see that they were. */
import { requireBrowserInCi } from "./browser";

test("without a browser, CI fails; elsewhere the tests are left out", () => {
  expect(() => requireBrowserInCi(undefined, { CI: "true" })).toThrow(/There is no Chromium .* Install one/);
  expect(requireBrowserInCi(undefined, {})).toBeUndefined();
});
