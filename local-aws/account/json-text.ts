/** JSON piece by piece: a text of many megabytes made at once would have every caller wait. */

/** How deep records are told member by member; what is further down comes as one piece. An identity of a pool is there. */
const DEPTH = 6;

/** The text of `JSON.stringify(value, null, 2)`. Of what changes meanwhile, each piece is as it is when it is asked for. */
export function* jsonText(value: object, depth = 0): Generator<string> {
  const indent = "  ".repeat(depth + 1);
  let separator = "{";
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) {
      continue;
    }
    yield `${separator}\n${indent}${JSON.stringify(key)}: `;
    separator = ",";
    if (depth < DEPTH - 1 && typeof member === "object" && member !== null && !Array.isArray(member)) {
      yield* jsonText(member, depth + 1);
    } else {
      yield JSON.stringify(member, null, 2).replaceAll("\n", `\n${indent}`);
    }
  }
  yield separator === "{" ? "{}" : `\n${indent.slice(2)}}`;
}
