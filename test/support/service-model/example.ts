/** Values that a model allows, for members that an operation's input need not have. */
import { type Model, matches, shapeOf } from "./model";

const TEXTS = [
  "text",
  "example",
  "a",
  "1",
  "123456",
  "123456789012",
  "v1",
  "/",
  "/p/",
  "us-east-1:12345678-1234-1234-1234-123456789012",
  "arn:aws:iam::123456789012:role/role",
  "arn:aws:iam::123456789012:policy/policy",
  "arn:aws:lambda:us-east-1:123456789012:function:fn",
  "arn:aws:lambda:us-east-1:123456789012:layer:layer:1",
  "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012",
  "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0",
  "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdef0",
  "arn:aws:lambda:us-east-1:123456789012:capacity-provider:provider",
  "arn:aws:sqs:us-east-1:123456789012:queue",
  "arn:aws:execute-api:us-east-1:123456789012:abcdefghij/*/GET/hello",
  "123456789012.dkr.ecr.us-east-1.amazonaws.com/image@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  "o-a1b2c3d4e5",
  "/mnt/data",
  "sg-12345678",
  "subnet-12345678",
  "ALL",
  "$LATEST",
];

/** @throws Error when no text of the list keeps to the shape: it needs another one */
export function exampleOf(model: Model, shapeName: string, path: string): unknown {
  const shape = shapeOf(model, shapeName);
  switch (shape.type) {
    case "structure":
      return Object.fromEntries(
        Object.entries(shape.members ?? {}).map(([name, member]) => [
          name,
          exampleOf(model, member.shape, `${path}.${name}`),
        ]),
      );
    case "list":
      return [exampleOf(model, shape.member as string, `${path}[]`)];
    case "map":
      return {
        [String(exampleOf(model, shape.key as string, `${path}{key}`))]: exampleOf(
          model,
          shape.value as string,
          `${path}{}`,
        ),
      };
    case "boolean":
      return true;
    case "integer":
    case "long":
    case "double":
    case "float":
      return Math.max(shape.min ?? 1, 1);
    case "blob":
      return Buffer.from("{}");
    default: {
      if (shape.enum) {
        return shape.enum[0];
      }
      const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = shape;
      const found = TEXTS.find(
        (text) => text.length >= min && text.length <= max && (!pattern || matches(pattern, text)),
      );
      if (found === undefined) {
        throw new Error(`No example for ${path}: ${JSON.stringify(shape)}`);
      }
      return found;
    }
  }
}
