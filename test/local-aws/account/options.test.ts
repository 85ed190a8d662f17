/** Options that no account can have are told at the start, before anything is written or bound. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { InvalidOptionError, type LocalAwsOptions, startLocalAws } from "../../../local-aws";

const directory = mkdtempSync(path.join(tmpdir(), "options-"));
const data = path.join(directory, "account.json");

afterAll(() => rmSync(directory, { recursive: true }));

const rsa = { kty: "RSA", kid: "a", n: "AQAB", e: "AQAB" };
const key = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "hidden" };

test.each<[option: keyof LocalAwsOptions, values: unknown[], allowed: RegExp]>([
  ["port", [70_000, -1, 1.5, Number.NaN, "4566"], /a whole number from 0 to 65535/],
  ["region", ["x y", "", "us-east", 1], /a region, such as us-east-1/],
  ["accountId", ["abc", "12345678901", 123_456_789_012], /twelve digits/],
  [
    "credentials",
    [
      {},
      null,
      { ...key, accessKeyId: "ASIAIOSFODNN7EXAMPLE" },
      { ...key, accessKeyId: "a/b" },
      { ...key, secretAccessKey: "" },
    ],
    /a long-term key pair/,
  ],
  ["requestTimeout", [0, -1, Number.POSITIVE_INFINITY, 2 ** 31], /milliseconds from 1/],
  [
    "oidcKeys",
    [
      [],
      { "http://issuer.example": { keys: [rsa] } },
      { "https://issuer.example": { keys: [] } },
      { "https://issuer.example": [rsa] },
      { "https://issuer.example": { keys: [{ ...rsa, kid: undefined }] } },
      { "https://issuer.example": { keys: [{ ...rsa, d: "hidden" }] } },
      { "https://issuer.example": { keys: [{ kty: "oct", kid: "a", k: "hidden" }] } },
    ],
    /public RSA or EC keys/,
  ],
  ["data", ["", 5], /the path of a file/],
])("%s", async (option, values, allowed) => {
  for (const value of values) {
    const started = startLocalAws({ data, [option]: value });
    await expect(started).rejects.toThrow(InvalidOptionError);
    await expect(started).rejects.toMatchObject({ option, message: expect.stringMatching(allowed) });
    await expect(started).rejects.not.toThrow(/hidden/);
  }
  expect(existsSync(data)).toBe(false);
});
