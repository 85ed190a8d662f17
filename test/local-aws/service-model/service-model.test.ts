/** Every operation succeeds, its answer has the form that AWS's service model gives it, and it reads its members; AWS's own clients ask. */
import { SERVICES } from "../../../local-aws/services";
import { declaredMembers } from "../../../local-aws/services/input";
import type { Operation } from "../../../local-aws/services/service";
import { CASES, inputsWithEachMember, problems } from "../../support/service-model/oracle";
import { type SeededAccount, seededAccount } from "../../support/service-model/seed";

let account: SeededAccount;
beforeAll(async () => {
  account = await seededAccount();
});
afterAll(() => account.stop());

test.each(CASES)("%s %s succeeds, in the model's form", async (service, operation) => {
  const answer = await account.send(service, operation, account.input(service, operation));
  expect(problems(service, operation, answer)).toEqual([]);
  expect(answer.error).toBeUndefined();
});

test("every member that an operation declares takes part in what it does", async () => {
  const read = new Map<string, Set<string>>();
  for (const { name, operations } of SERVICES) {
    for (const [operation, definition] of Object.entries(operations)) {
      const members = new Set<string>();
      read.set(`${name} ${operation}`, members);
      const { run } = definition;
      const watched: Operation<object>["run"] = (call) => run({ ...call, input: watch(call.input, members) });
      Object.assign(definition, { run: watched });
    }
  }
  for (const [service, operation] of CASES) {
    for (const input of inputsWithEachMember(account, service, operation)) {
      await account.send(service, operation, input);
    }
  }
  const unread = SERVICES.flatMap(({ name, operations }) =>
    Object.entries(operations).flatMap(([operation, { input }]) =>
      declaredMembers(input)
        .filter(({ path, kind }) => kind === "read" && !/[.[]/.test(path))
        .filter(({ path }) => !read.get(`${name} ${operation}`)?.has(path))
        .map(({ path }) => `${name} ${operation} ${path}`),
    ),
  );
  expect(unread).toEqual([]);
});

function watch(input: object, members: Set<string>): object {
  return new Proxy(input, {
    get(target, member) {
      members.add(String(member));
      return Reflect.get(target, member);
    },
  });
}
