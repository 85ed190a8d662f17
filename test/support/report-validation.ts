/** What the schemas of report.json and junit.xml say of a file; nothing is good. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { validateXML } from "xmllint-wasm";

export const PUBLISHED_SCHEMA = readFileSync(join(__dirname, "../../harness/report.schema.json"), "utf8");

// `date-time` comes with a pattern that tells the same, so the format needs no second library.
const validate = new Ajv2020({ allErrors: true, formats: { "date-time": true } }).compile(
  JSON.parse(PUBLISHED_SCHEMA),
);

export function jsonProblems(json: string): string[] {
  validate(JSON.parse(json));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const JUNIT_SCHEMA = readFileSync(join(__dirname, "junit.xsd"), "utf8");

export async function junitProblems(xml: string): Promise<string[]> {
  const { errors } = await validateXML({
    xml: [{ fileName: "junit.xml", contents: xml }],
    schema: [JUNIT_SCHEMA],
  });
  return errors.map(({ message }) => message);
}
