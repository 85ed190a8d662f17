/** The page on the modules has what their comments say today, of every prop. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { copyableModules, STACK_MODULES, sourceOf } from "../../../scripts/module/catalog";
import { documentedInterfaces } from "../../../scripts/module/documented-props";
import { withProps } from "../../../scripts/module/readme";

const README = path.join(__dirname, "../../../stacks/modules/README.md");

test("the page is as the modules have it: npm run module -- readme", () => {
  const text = readFileSync(README, "utf8");
  expect(withProps(text)).toBe(text);
});

test("another comment makes another page", () => {
  const text = readFileSync(README, "utf8");
  expect(withProps(text.replace("| `true` | Whether", "| `false` | Whether"))).toBe(text);
  expect(() => withProps("# Modules")).toThrow("lacks the marks");
});

test.each(copyableModules().filter(({ folder }) => folder === STACK_MODULES))(
  "$name has no exported interface without documentation, and no default that isn't said",
  ({ folder, files }) => {
    const source = sourceOf(`${folder}/${files[0]}`);
    const interfaces = documentedInterfaces(source);
    expect(interfaces).toHaveLength(source.match(/^export interface /gm)?.length ?? 0);
    const undocumented = interfaces.flatMap(({ name, props }) =>
      props
        .filter(({ text, required, byDefault }) => text === "" || required === (byDefault !== undefined))
        .map((one) => `${name}.${one.name}`),
    );
    expect(undocumented).toEqual([]);
  },
);

test("types of several lines, alternatives and links are read", () => {
  const source = `/** A {@link Thing}. */
export interface ThingProps extends Base {
  /**
   * One or the other,
   * see https://aws.example.
   *
   * @default "a"
   */
  readonly kind?: "a" | "b";

  /** Nested. @default - none */
  readonly nested?: {
    /** Inner. */
    readonly inner: { readonly a: string; readonly b: string };
  };
}
`;
  expect(documentedInterfaces(source)).toEqual([
    {
      name: "ThingProps",
      text: "A `Thing`.",
      props: [
        {
          name: "kind",
          type: '"a" | "b"',
          byDefault: '"a"',
          required: false,
          text: "One or the other, see https://aws.example.",
        },
        { name: "nested", type: "object", byDefault: "- none", required: false, text: "Nested." },
        {
          name: "nested.inner",
          type: "{ readonly a: string; readonly b: string }",
          byDefault: undefined,
          required: true,
          text: "Inner.",
        },
      ],
    },
  ]);
  const bare = source.replace("    /** Inner. */\n", "");
  expect(() => documentedInterfaces(bare)).toThrow("ThingProps.nested has something other than documented");
});
