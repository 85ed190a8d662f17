/** FIDELITY.md must not drift from the code where the code is its source. */
import { readFileSync } from "node:fs";
import { FIDELITY_FILE, withOperations } from "../../local-aws/operation-list";

test("lists exactly the operations that there are (npm run fidelity writes them)", () => {
  const text = readFileSync(FIDELITY_FILE, "utf8");
  expect(text).toBe(withOperations(text));
});
