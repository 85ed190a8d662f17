/** Nothing changes in a state unnoticed, whatever it looks like and however it is written to. */
import { array, assert, constantFrom, integer, letrec, nat, oneof, property, record } from "fast-check";
import { applyChange, type Change, Changes } from "../../../local-aws/account/changes";
import { reviveDictionary } from "../../../local-aws/account/dictionary";
import { jsonText } from "../../../local-aws/account/json-text";

type Container = Record<string, unknown>;

const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value), reviveDictionary);
const changesOf = (line = "[]"): Change[] => JSON.parse(line, reviveDictionary);
const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

// Names that objects know, and numbers, which objects put first.
const key = constantFrom("a", "b", "c", "__proto__", "10", "2");
const { value } = letrec((tie) => ({
  value: oneof(
    { maxDepth: 3 },
    integer({ max: 9, min: 0 }),
    array(tie("value"), { maxLength: 4 }),
    array(record({ name: key, value: tie("value") }), { maxLength: 4 }).map((members) =>
      copy(Object.fromEntries(members.map(({ name, value }) => [name, value]))),
    ),
  ),
}));

const step = record({
  /** Ways down from the state to what is written to. */
  at: array(nat(5), { maxLength: 4 }),
  how: constantFrom("set", "set", "delete", "move", "push", "push", "pop", "shorten", "splice", "reverse"),
  key,
  value,
  /** What happens to the file then. */
  file: constantFrom("nothing", "save", "save", "begin anew", "go on"),
  pieces: nat(4),
});

/** A record or list that can be written to: what is in a list can't. */
function down(state: Container, at: readonly number[]): Container {
  return at.reduce<Container>((reached, way) => {
    const ways = Array.isArray(reached) ? [] : Object.values(reached).filter(isContainer);
    return ways[way % ways.length] ?? reached;
  }, state);
}

type Step = { at: number[]; how: string; key: string; value: unknown };

function take({ at, how, key, value }: Step, state: Container, move: (part: unknown) => unknown): void {
  const target = down(state, at);
  if (!Array.isArray(target)) {
    if (how === "delete") {
      delete target[key];
    } else {
      target[key] = how === "move" ? move(down(state, at.toReversed())) : copy(value);
    }
    return;
  }
  switch (how) {
    case "pop":
      target.pop();
      break;
    case "shorten":
      target.length = Math.min(1, target.length);
      break;
    case "splice":
      target.splice(1, 1, copy(value), copy(value));
      break;
    case "reverse":
      target.reverse();
      break;
    case "move":
      target.push(move(down(state, at.toReversed())));
      break;
    default:
      target.push(copy(value));
  }
}

test("whatever is done to a state is done to its copy by the changes, also to one that was made meanwhile", () => {
  assert(
    property(array(step, { maxLength: 40 }), (steps) => {
      const plain: Container = copy({});
      const changes = new Changes<Container>(copy({}));
      const restored: Container = copy({});
      let text = "";
      let since: string[] = [];
      let pieces = jsonText({});
      const save = () => {
        const line = changes.take();
        for (const change of changesOf(line)) {
          applyChange(restored, change);
        }
        since.push(line ?? "[]");
      };
      for (const one of steps) {
        take(one, plain, copy);
        take(one, changes.view, (part) => part);
        expect(JSON.stringify(changes.view)).toBe(JSON.stringify(plain));
        if (one.file === "save") {
          save();
          expect(JSON.stringify(restored)).toBe(JSON.stringify(plain));
        } else if (one.file === "begin anew") {
          text = "";
          since = [];
          pieces = jsonText(changes.state);
        } else if (one.file === "go on") {
          text += Array.from({ length: one.pieces }, () => pieces.next().value ?? "").join("");
        }
      }
      text += [...pieces].join("");
      save();
      const anew = JSON.parse(text, reviveDictionary);
      for (const change of since.flatMap(changesOf)) {
        applyChange(anew, change);
      }
      expect(JSON.stringify(anew)).toBe(JSON.stringify(plain));
    }),
    { numRuns: 1000 },
  );
});

test("the text piece by piece is that of JSON.stringify", () => {
  assert(
    property(value, (value) => {
      const whole = { none: undefined, value, empty: {}, deep: { a: { b: { c: { d: { e: value } } } } } };
      expect([...jsonText(whole)].join("")).toBe(JSON.stringify(whole, null, 2));
    }),
  );
});

test("what leaves things as they are is no change", () => {
  const changes = new Changes<Container>({ a: 1, b: { c: [{ d: 1 }] } });
  const { view } = changes;
  const b = view.b as { c: unknown[] };
  view.a = 1;
  Object.assign(view, { b });
  Object.assign(b, { c: b.c });
  delete view.missing;
  b.c.push();
  b.c.sort();
  expect([changes.pending, changes.take()]).toEqual([false, undefined]);
});

test("a list that grows is told by what was added", () => {
  const changes = new Changes({ list: [1, 2] });
  changes.view.list.push(3, 4);
  expect(changesOf(changes.take())).toEqual([
    [["list", 2], 3],
    [["list", 3], 4],
  ]);
});

test("what is put in between is told from there on", () => {
  const changes = new Changes({ list: [1, 2, 4] });
  changes.view.list.splice(2, 0, 3);
  expect(changesOf(changes.take())).toEqual([
    [["list", 3], 4],
    [["list", 2], 3],
  ]);
});

test("a list that gets shorter is told as a whole", () => {
  const changes = new Changes({ list: [1, 2, 3] });
  changes.view.list.shift();
  expect(changesOf(changes.take())).toEqual([[["list"], [2, 3]]]);
});

test("what was put into a state can't be written to beside its views, and is found where it is", () => {
  const { view, state } = new Changes<Container>({});
  const given = { list: [{ a: 1 }], inner: { b: 1 } };
  view.given = given;
  expect(() => given.list.push({ a: 2 })).toThrow(TypeError);
  expect(() => Object.assign(given.inner, { b: 2 })).toThrow(TypeError);
  expect(() => Object.assign(given.list[0] as object, { a: 2 })).toThrow(TypeError);
  const [element] = (view.given as typeof given).list;
  expect(() => Object.assign(element as object, { a: 2 })).toThrow(TypeError);
  expect(() => Object.defineProperty(view.given, "inner", { value: 1 })).toThrow(TypeError);
  (view.given as typeof given).inner.b = 2;
  expect(state).toEqual({ given: { list: [{ a: 1 }], inner: { b: 2 } } });
});

test("a part that is put elsewhere as well is a part of its own there", () => {
  const changes = new Changes<Container>({ a: { b: { c: 1 } } });
  const { view } = changes;
  view.copy = { ...(view.a as object) };
  (view.a as { b: { c: number } }).b.c = 2;
  expect(view).toEqual({ a: { b: { c: 2 } }, copy: { b: { c: 1 } } });
  const restored = { a: { b: { c: 1 } } };
  for (const change of changesOf(changes.take())) {
    applyChange(restored, change);
  }
  expect(restored).toEqual(view);
});
