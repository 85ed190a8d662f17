import fc from "fast-check";
import { queryValues } from "../../../../local-aws/read/values-by-name";
import { headersByName, lastValues } from "../../../../local-aws/services/execute-api/parameters";

test("headers keep their first spelling and every value", () => {
  const values = headersByName([
    ["X-Thing", "1"],
    ["other", "2"],
    ["x-thing", "3"],
  ]);
  expect(values).toEqual({ "X-Thing": ["1", "3"], other: ["2"] });
  expect(lastValues(values)).toEqual({ "X-Thing": "3", other: "2" });
});

test.each([
  ["", {}],
  ["a=1&a=2", { a: ["1", "2"] }],
  ["a", { a: [""] }],
  ["a=b%20c+d", { a: ["b c d"] }],
  ["%61=%zz", { a: ["%zz"] }],
  ["__proto__=x&constructor=y", { ["__proto__"]: ["x"], constructor: ["y"] }],
])("the query '%s' is read", (query, expected) => {
  expect(Object.entries(queryValues(query))).toEqual(Object.entries(expected));
});

test("no query and no header is lost", () => {
  const pairs = fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string()));
  fc.assert(
    fc.property(pairs, (list) => {
      const query = queryValues(new URLSearchParams(list).toString());
      expect(Object.values(query).flat().length).toBe(list.length);
      expect(Object.values(headersByName(list)).flat().length).toBe(list.length);
      expect(Object.keys(lastValues(query))).toEqual(Object.keys(query));
    }),
  );
});
