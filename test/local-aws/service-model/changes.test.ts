/** Whatever an operation changes is saved: the changes in its file restore the account as it is. With all members, and in any order: `changes.slow.test.ts`. */
import { CASES } from "../../support/service-model/oracle";
import { type SeededAccount, seededAccount } from "../../support/service-model/seed";

let account: SeededAccount;
beforeAll(async () => {
  account = await seededAccount();
});
afterAll(() => account.stop());

test.each(CASES)("%s %s", async (service, operation) => {
  const answer = await account.send(service, operation, account.input(service, operation));
  expect(answer.error).toBeUndefined();
  const { now, restored } = account.held();
  expect(restored).toBe(now);
});
