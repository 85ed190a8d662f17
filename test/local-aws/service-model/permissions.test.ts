/** What an operation asks IAM for is what AWS documents: an action that there is, on a resource of a form that it takes. */
import { SERVICES } from "../../../local-aws/services";
import { documented } from "../../../scripts/deployer-policy/reference";
import { type SeededAccount, seededAccount } from "../../support/service-model/seed";

let account: SeededAccount;
beforeAll(async () => {
  account = await seededAccount();
});
afterAll(() => account.stop());

/** Where local AWS goes by other sources. */
const OTHERWISE = [
  // The reference has no resource type for these two; AWS's refusals name one all the same, and a policy must say `*`.
  "iam ListRoles",
  "logs DescribeLogGroups",
  // The reference has no form for the path of this call.
  // https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html
  "apigateway CreateResource",
];

const OPERATIONS = SERVICES.flatMap(({ name, operations }) =>
  Object.keys(operations).map((operation) => ({ service: name, operation })),
);

test.each(OPERATIONS.filter(({ service, operation }) => !OTHERWISE.includes(`${service} ${operation}`)))(
  "$service $operation",
  async ({ service, operation }) => {
    const before = account.asked.length;
    const answer = await account.send(service, operation, account.input(service, operation));
    expect(answer.error).toBeUndefined();
    for (const { action, resource } of account.asked.slice(before)) {
      const { form } = await documented(action, resource);
      expect({ action, onAnything: resource === "*" }).toEqual({ action, onAnything: form === undefined });
    }
  },
);
