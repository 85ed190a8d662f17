/** Every member that AWS's service models give to an operation is read, refused by name or known to make no difference. */
import { SERVICES } from "../../../local-aws/services";
import { declaredMembers } from "../../../local-aws/services/input";
import type { Operation } from "../../../local-aws/services/service";
import { MODELS, type Model, shapeOf } from "../../support/service-model/model";

/** What is read in another way than by a schema's key. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "ImportRestApi parameters": "each is a query parameter of any name, and refused by it",
  "PutRestApi parameters": "each is a query parameter of any name, and refused by it",
};
/** Keys of schemas that are no members: the query that tells an operation from another. */
const NO_MEMBERS = ["ImportRestApi mode"];

const OPERATIONS = SERVICES.flatMap(({ name, operations }) =>
  Object.entries(operations).map(([operation, definition]) => [name, operation, definition] as const),
);

test.each(OPERATIONS)("%s %s declares its model's members", (service, operation, definition) => {
  const model = MODELS[service] as Model;
  const inModel = modelMembers(model, operation, definition);
  const declared = declaredMembers(definition.input).map(({ path }) => path);
  // Of a structure that is refused or taken as a whole, the members aren't declared one by one.
  const whole = declaredMembers(definition.input)
    .map(({ path }) => path)
    .filter(
      (path) => !declared.some((other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[]`)),
    );
  const covered = (path: string) =>
    declared.includes(path) || whole.some((one) => path.startsWith(`${one}.`) || path.startsWith(`${one}[]`));
  const known = (path: string) => ELSEWHERE[`${operation} ${path}`] !== undefined;
  expect(inModel.filter((path) => !covered(path) && !known(path))).toEqual([]);
  expect(
    declared.filter((path) => !inModel.includes(path) && !NO_MEMBERS.includes(`${operation} ${path}`)),
  ).toEqual([]);
});

/** By the names that the schemas use: those of the wire, and the path template's parameters. */
function modelMembers(
  model: Model,
  operation: string,
  { http = "", blobBody }: Operation<unknown>,
): string[] {
  const parameters = [...http.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  const walk = (shapeName: string, path: string): string[] => {
    const shape = shapeOf(model, shapeName);
    if (shape.type === "list") {
      return [`${path}[]`, ...walk(shape.member as string, `${path}[]`)];
    }
    return Object.entries(shape.members ?? {}).flatMap(([name, member]) => {
      if (path === "" && blobBody && shapeOf(model, member.shape).type === "blob") {
        return [];
      }
      const fromPath = member.location === "uri" ? parameters.shift() : undefined;
      const own = fromPath ?? (member.location === "header" ? name : (member.name ?? name));
      const at = path === "" ? own : `${path}.${own}`;
      return [at, ...walk(member.shape, at)];
    });
  };
  const input = model.operations[operation]?.input;
  return input === undefined ? [] : walk(input, "");
}

test.each(SERVICES)(
  "of $name's operations, none is taken for another that only its query names",
  (service) => {
    const { operations } = MODELS[service.name] as Model;
    const taken = Object.entries(operations).flatMap(([name, { siblings = [] }]) =>
      siblings
        .filter((sibling) => service.operations[sibling] === undefined)
        .map((sibling) => [sibling, name]),
    );
    expect(taken).toEqual([]);
  },
);
