/** Mapping templates by themselves: what they may not do, and that no template and no stalled machine matters. */
import {
  renderTemplate,
  type TemplateVariables,
  UnusableTemplateError,
} from "../../../../local-aws/services/execute-api/template";

const PARAMETERS = { path: { user: "ann" }, querystring: { q: "1" }, header: {} };

const variables = (more: Partial<TemplateVariables["input"]> = {}): TemplateVariables => ({
  context: { apiId: "abc", identity: { sourceIp: "127.0.0.1", user: null }, count: 3 },
  stageVariables: { colour: "red" },
  input: {
    body: "hello",
    params: (name) => (name === undefined ? PARAMETERS : `value of ${name}`),
    ...more,
  },
});

/** As long as a template may be. */
const LONG = 299_000;
const repeated = (text: string, characters = LONG) => text.repeat(Math.floor(characters / text.length));
/** A list of two lists of two lists, and so on: 2^60 of them. */
const LISTS = "#set($a = [1])#foreach($i in [1..60])#set($a = [$a, $a])#end";
const forEver = (body: string) =>
  `#foreach($i in [1..1000])#foreach($j in [1..1000])#foreach($k in [1..1000])${body}#end#end#end`;

test.each<[name: string, template: string]>([
  ["nested loops", forEver("x")],
  ["a huge range", "#foreach($i in [1..1000000000])x#end"],
  ["a huge range downwards", "#foreach($i in [5..-1000000000])x#end"],
  ["a huge range that nothing uses", "#set($x = [0..999999999999])"],
  ["loop after loop", repeated("#foreach($i in [1..1000])$context.apiId #end")],
  ["a text that doubles", '#set($s = "xxxx")#foreach($i in [1..60])#set($s = "$s$s")#end'],
  ["a text that doubles by +", '#set($s = "xxxx")#foreach($i in [1..60])#set($s = $s + $s)#end'],
  ["a sum of texts", `#set($s = ""${repeated('+"xx"')})`],
  ["large texts again and again", repeated("$input.body")],
  ["large texts compared", forEver('#if("$input.body" == $input.body)#end')],
  ["large texts in order", forEver("#if($input.body <= $input.body)#end")],
  ["large texts as keys", forEver('$!context["$input.body$i"]')],
  ["a list that doubles, written", `${LISTS}$a`],
  ["a list that doubles, in a text", `${LISTS}#set($b = "$a")`],
  ["a list that doubles, added", `${LISTS}#set($b = $a + "")`],
  ["a list that doubles, as a parameter", `${LISTS}$input.params($a)`],
  ["a list that doubles, compared and as a key", `${LISTS}#if($a == "x")#end$!context.get($a)$!context[$a]`],
  ["a deep list", "#set($a = [1])#foreach($i in [1..1000])#set($a = [$a])#end$a"],
  ["endless macros", "#macro(m)#m()#m()#end#m()"],
  ["endless definitions", "#define($d)$d$d#end$d"],
  [
    "macros over and over",
    `#macro(m)${"#n()".repeat(900)}#end#macro(n)${"x".repeat(90)}#end${"#m()".repeat(900)}`,
  ],
  ["deep macros", `#macro(m)${"#foreach($i in [1])".repeat(95)}#m()${"#end".repeat(95)}#end#m()`],
  ["an #if without end", repeated("#if($a)")],
  ["a few of them", "#if($a)".repeat(40)],
  ["deep #ifs", `${repeated("#if(1)", LONG / 2)}${repeated("#end", LONG / 4)}`],
  ["deep parentheses", `#if(${repeated("(")})`],
  ["deep lists", `#set($a = ${repeated("[")})`],
  ["deep indexes", repeated("$a[")],
  ["deep calls", repeated("$a.b(")],
  ["many negations", `#if(${repeated("!")}1)#end`],
  ["a long sum", `#set($a = 1${repeated("+1")})$a`],
  ["a long path", `$a${repeated(".b")}`],
  ["many branches", `#if($a)${repeated("#elseif($a)")}#end`],
  ["raw texts without end", repeated("#[[")],
  ["comments without end", repeated("#*")],
  ["quotes without end", `#set($a = '${repeated("\\'")})`],
  ["escaped quotes", `#set($a = '${repeated("\\'")}')`],
  ["backslashes", `${repeated("\\")}$a`],
  ["backslashes and dollar signs", repeated("\\$")],
  ["names", repeated("#a-")],
  ["spaces", repeated(`#set${" ".repeat(200)}`)],
  ["spaces in brackets", repeated(`$a[${" ".repeat(200)}`)],
  ["lines and an error at the end", `${repeated("\n")}#if(`],
  ["a long template", "x".repeat(300_001)],
])("a template has no way to keep the account busy: %s", (_, template) => {
  const startedAt = process.cpuUsage();
  const large = variables({ body: "x".repeat(5_000_000) });
  try {
    renderTemplate(template, large);
  } catch (error) {
    expect(error).toBeInstanceOf(UnusableTemplateError);
  }
  // Of the processor's time, so that a stalled machine doesn't matter here either. Microseconds.
  expect(process.cpuUsage(startedAt).user).toBeLessThan(3_000_000);
});

test("a template is rendered although the process is stopped meanwhile", () => {
  const stopped = variables({
    params(name) {
      const end = performance.now() + 400;
      while (performance.now() < end) {}
      return `${name}`;
    },
  });
  expect(renderTemplate('{"statusCode": $input.params("200")}', stopped)).toBe('{"statusCode": 200}');
});
