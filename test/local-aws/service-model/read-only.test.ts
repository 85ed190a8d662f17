/** What says that it only reads leaves the account as it is; whatever else must be saved. */
import { SERVICES } from "../../../local-aws/services";
import { isReadOnly } from "../../../local-aws/services/service";
import { type SeededAccount, seededAccount } from "../../support/service-model/seed";

let account: SeededAccount;
beforeAll(async () => {
  account = await seededAccount();
});
afterAll(() => account.stop());

const OPERATIONS = SERVICES.flatMap(({ name, operations }) =>
  Object.entries(operations).map(([operation, definition]) => ({
    service: name,
    operation,
    readOnly: isReadOnly(definition),
  })),
);

test.each(OPERATIONS.filter(({ readOnly }) => readOnly))(
  "$service $operation leaves the account as it is",
  async ({ service, operation }) => {
    const answer = await account.send(service, operation, account.input(service, operation));
    expect(answer.error).toBeUndefined();
    const { now, seeded } = account.held();
    expect(now).toBe(seeded);
  },
);

/** They are named like reads, and make identities, tokens, sessions or the signing key. */
const NO_READS = [
  "GetCredentialsForIdentity",
  "GetId",
  "GetOpenIdToken",
  "GetOpenIdTokenForDeveloperIdentity",
];

test("every operation that is named like a read is one, but for those that make something", () => {
  const named = OPERATIONS.filter(({ operation }) => /^(Describe|Filter|Get|List|Lookup)/.test(operation));
  const reads = named.filter(({ operation }) => !NO_READS.includes(operation));
  expect(OPERATIONS.filter(({ readOnly }) => readOnly)).toEqual(reads);
});
