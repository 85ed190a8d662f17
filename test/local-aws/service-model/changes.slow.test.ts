/** Whatever an operation changes is saved: its file's changes restore the account as it is, after any of them. */
import { array, assert, asyncProperty, constantFrom } from "fast-check";
import { CASES, inputsWithEachMember } from "../../support/service-model/oracle";
import { type SeededAccount, seededAccount } from "../../support/service-model/seed";

let account: SeededAccount;
beforeAll(async () => {
  account = await seededAccount();
});
afterAll(() => account.stop());

/** The order counts: pages, and what is forgotten first, go by it. */
function expectRestored(): void {
  const { now, restored } = account.held();
  expect(restored).toBe(now);
}

test.each(CASES)("%s %s, with each of its members", async (service, operation) => {
  for (const input of inputsWithEachMember(account, service, operation)) {
    const answer = await account.send(service, operation, input);
    expect(answer.error).not.toBe("InternalFailure");
    expectRestored();
  }
});

test("one after another, in any order", async () => {
  const sequences = array(constantFrom(...CASES), { minLength: 10, maxLength: 40 });
  await assert(
    asyncProperty(sequences, async ([first, ...others]) => {
      const [service, operation] = first ?? ["sts", "GetCallerIdentity"];
      await account.send(service, operation, account.input(service, operation));
      for (const [service, operation] of others) {
        const answer = await account.sendNext(service, operation, account.input(service, operation));
        expect(answer.error).not.toBe("InternalFailure");
        expectRestored();
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);
