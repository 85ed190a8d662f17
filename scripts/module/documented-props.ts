/**
 * The exported interfaces of a module with the documentation of their members, read from its source as Biome formats it. TypeScript 7
 * has no stable API for it yet.
 */

/** A member with its documentation. */
export interface DocumentedProp {
  /** With those of the members that it is in: `accessLogs.retentionDays`. */
  readonly name: string;
  readonly type: string;
  /** As `@default` says it; undefined when there is none. */
  readonly byDefault?: string;
  readonly required: boolean;
  /** Markdown, on one line. */
  readonly text: string;
}

export interface DocumentedInterface {
  readonly name: string;
  readonly text: string;
  readonly props: readonly DocumentedProp[];
}

const INTERFACE = /^\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport interface (\w+)[^{]*\{\n([\s\S]*?)^\}$/gm;

/** A member, indented by two: its comment, its name, and a type of one line or of an object. */
const MEMBER =
  /\s*(?:^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)? {2}readonly (\w+)(\?)?: (\{\n[\s\S]*?^ {2}\}|\{.*\}|[^;{]+);\n/my;

/** @throws Error where an interface has something other than documented members */
export function documentedInterfaces(source: string): DocumentedInterface[] {
  return [...source.matchAll(INTERFACE)].map(([, comment = "", name = "", body = ""]) => ({
    name,
    text: read(comment).text,
    props: membersOf(name, body),
  }));
}

function membersOf(owner: string, body: string): DocumentedProp[] {
  const props: DocumentedProp[] = [];
  const member = new RegExp(MEMBER);
  while (member.lastIndex < body.length) {
    const at = member.lastIndex;
    const [, comment, name = "", optional, type = ""] = member.exec(body) ?? [];
    if (comment === undefined) {
      throw new Error(`${owner} has something other than documented members: ${body.slice(at).trim()}`);
    }
    const { text, byDefault } = read(comment);
    const nested = /^\{\n([\s\S]*)\}$/.exec(type)?.[1];
    props.push({ name, type: nested === undefined ? type : "object", byDefault, required: !optional, text });
    if (nested !== undefined) {
      const inner = membersOf(`${owner}.${name}`, nested.replace(/^ {2}/gm, ""));
      props.push(...inner.map((one) => ({ ...one, name: `${name}.${one.name}` })));
    }
  }
  return props;
}

/** What a comment says, without its stars. */
function read(comment: string): { readonly text: string; readonly byDefault?: string } {
  const plain = comment
    .replace(/^ *\* ?/gm, "")
    .replace(/\{@link (.+?)\}/g, "`$1`")
    .replace(/\s+/g, " ")
    .trim();
  const [text = "", byDefault] = plain.split(/ ?@default /);
  return { text, byDefault };
}
