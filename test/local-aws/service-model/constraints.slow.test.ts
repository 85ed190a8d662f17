/**
 * Each constraint of AWS's service models is broken once and kept at its exact bounds once, in every operation and by AWS's own clients.
 * What is broken must be refused, whatever answers must be of the model, and a success must have the model's form.
 */
import { bounds, violations } from "../../support/service-model/model";
import { CASES, problems, unexpected, variations } from "../../support/service-model/oracle";
import { type SeededAccount, seededAccount } from "../../support/service-model/seed";

let account: SeededAccount;
beforeAll(async () => {
  account = await seededAccount();
});
afterAll(() => account.stop());

test.each(CASES)("%s %s refuses what breaks a constraint", async (service, operation) => {
  const taken: string[] = [];
  for (const { what, input } of variations(account, service, operation, violations)) {
    const answer = await account.send(service, operation, input);
    // An answer that looked for the thing first hasn't looked at the constraint.
    const passed =
      answer.error === undefined || /NotFound|NoSuchEntity|Denied|NotAuthorized/.test(answer.error);
    if (passed) {
      taken.push(`${what}: ${answer.error}`);
    } else {
      taken.push(...problems(service, operation, answer).map((problem) => `${what}: ${problem}`));
    }
  }
  expect(taken).toEqual([]);
});

test.each(CASES)("%s %s takes the exact bounds", async (service, operation) => {
  const refused: string[] = [];
  for (const { what, input } of variations(account, service, operation, bounds)) {
    const answer = await account.send(service, operation, input);
    refused.push(...problems(service, operation, answer).map((problem) => `${what}: ${problem}`));
    if (/validation errors? detected/.test(answer.message ?? "")) {
      refused.push(...unexpected(`${what}: ${answer.message}`));
    }
  }
  expect(refused).toEqual([]);
});

test("so many constraints are there to be broken and kept", () => {
  const count = (vary: typeof violations) =>
    CASES.reduce(
      (sum, [service, operation]) => sum + variations(account, service, operation, vary).length,
      0,
    );
  expect(count(violations)).toBeGreaterThanOrEqual(1_066);
  expect(count(bounds)).toBeGreaterThanOrEqual(1_004);
});
