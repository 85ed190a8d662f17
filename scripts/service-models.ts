/**
 * `npm run service-models -- DIR`: what AWS's public service models say of the operations that local AWS has, without a word of
 * their documentation, for the tests to hold local AWS to. DIR is botocore's folder of models, e.g. a checkout's `botocore/data`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SERVICES } from "../local-aws/services";
import { npmCommand } from "./command";

const API_VERSIONS: Readonly<Record<string, string>> = {
  apigateway: "2015-07-09",
  "cognito-identity": "2014-06-30",
  iam: "2010-05-08",
  lambda: "2015-03-31",
  logs: "2014-03-28",
  sts: "2011-06-15",
};

const TARGET = path.join(__dirname, "../test/support/service-model");

interface Reference {
  shape: string;
  location?: string;
  locationName?: string;
}

interface Shape {
  type: string;
  required?: string[];
  members?: Record<string, Reference>;
  member?: Reference;
  key?: Reference;
  value?: Reference;
  [other: string]: unknown;
}

interface Model {
  metadata: { protocol: string };
  operations: Record<
    string,
    {
      input?: Reference;
      output?: Reference;
      errors?: Reference[];
      http?: { method: string; requestUri: string };
    }
  >;
  shapes: Record<string, Shape>;
}

/** What of a shape counts for a request or an answer. */
const KEPT = ["type", "required", "min", "max", "pattern", "enum"];

/** Finds the operations that only a query tells from this one; JSON leaves out that there is none. Other protocols name the operation. */
function siblingsOf({ metadata, operations }: Model, name: string): string[] | undefined {
  if (metadata.protocol !== "rest-json") {
    return undefined;
  }
  const place = ({ http }: Model["operations"][string]) =>
    `${http?.method} ${http?.requestUri.split("?")[0]}`;
  const siblings = Object.keys(operations).filter(
    (other) => other !== name && place(operations[other] as never) === place(operations[name] as never),
  );
  return siblings.length > 0 ? siblings : undefined;
}

function distilled(model: Model, names: readonly string[]) {
  const shapes: Record<string, unknown> = {};
  const keep = (reference: Reference | undefined): string | undefined => {
    if (!reference) {
      return undefined;
    }
    const { shape: name } = reference;
    const shape = model.shapes[name] as Shape;
    if (!(name in shapes)) {
      const kept: Record<string, unknown> = {};
      shapes[name] = kept;
      for (const key of KEPT) {
        if (shape[key] !== undefined) {
          kept[key] = shape[key];
        }
      }
      if (shape.members) {
        kept.members = Object.fromEntries(
          Object.entries(shape.members).map(([member, inner]) => [
            member,
            { shape: keep(inner), location: inner.location, name: inner.locationName },
          ]),
        );
      }
      if (shape.member) {
        kept.member = keep(shape.member);
      }
      if (shape.key) {
        kept.key = keep(shape.key);
      }
      if (shape.value) {
        kept.value = keep(shape.value);
      }
    }
    return name;
  };
  const operations = Object.fromEntries(
    names.map((name) => {
      const operation = model.operations[name];
      if (!operation) {
        throw new Error(`The model doesn't have ${name}.`);
      }
      const { input, output, errors = [] } = operation;
      return [
        name,
        {
          input: keep(input),
          output: keep(output),
          errors: errors.map(({ shape }) => shape).sort(),
          siblings: siblingsOf(model, name),
        },
      ];
    }),
  );
  return { operations, shapes };
}

/** Writes a line for each operation and each shape, so that a change of the models can be read. */
function written(parts: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const lines = Object.entries(parts).map(
    ([part, entries]) =>
      `"${part}":{\n${Object.entries(entries)
        .map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`)
        .join(",\n")}\n}`,
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}

const [directory = ""] = npmCommand(
  "service-models",
  "Writes what AWS's public service models say of the operations that local AWS has.",
)
  .argument("<DIR>", "botocore/data of a checkout of boto/botocore")
  .parse().args;
for (const { name, operations } of SERVICES) {
  const file = path.join(directory, name, API_VERSIONS[name] ?? "", "service-2.json");
  const model = JSON.parse(readFileSync(file, "utf8")) as Model;
  const offered = Object.keys(operations).sort();
  writeFileSync(path.join(TARGET, `${name}.json`), written(distilled(model, offered)));
}
