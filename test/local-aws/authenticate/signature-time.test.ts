/** How old and how new a signature may be, to the moment, and which dates are dates. */
import { parseSignature } from "../../../local-aws/authenticate/parsed-signature";
import { DATE, NOW, refusal, signedByAws4, verify, withHeader } from "../../support/signers";

describe("time", () => {
  const header = signedByAws4({ path: "/prod" });
  const at = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);

  test.each([
    ["five minutes old", 300_000],
    ["as of now", 0],
    ["five minutes ahead", -300_000],
  ])("%s: accepted", async (_, age) => {
    await verify(header, at(age));
  });

  test.each<[string, number, string]>([
    [
      "a moment older",
      300_001,
      "Signature expired: 20260102T030405Z is now earlier than 20260102T030405Z (20260102T030905Z - 5 min.)",
    ],
    [
      "ten minutes old",
      600_000,
      "Signature expired: 20260102T030405Z is now earlier than 20260102T030905Z (20260102T031405Z - 5 min.)",
    ],
    [
      "a moment further ahead",
      -300_001,
      "Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z (20260102T025904Z + 5 min.)",
    ],
  ])("%s: refused", async (_, age, message) => {
    expect(await refusal(header, at(age))).toMatchObject({ failure: "InvalidSignature", message });
  });

  const presigned = (expires: string) =>
    signedByAws4({ path: `/prod?X-Amz-Expires=${encodeURIComponent(expires)}` }, { signQuery: true });

  test.each(["1", "60", "604800"])("a presigned URL that lives %s s, to the moment", async (expires) => {
    await verify(presigned(expires), at(Number(expires) * 1000));
    expect(await refusal(presigned(expires), at(Number(expires) * 1000 + 1))).toMatchObject({
      failure: "InvalidSignature",
      message: expect.stringMatching(`^Signature expired: .* - ${expires} s\\.\\)$`),
    });
  });

  test("a presigned URL that names no expiry lives as long as a signature in the header", async () => {
    const request = signedByAws4({ path: "/prod" }, { signQuery: true });
    await verify(request, at(300_000));
    expect((await refusal(request, at(300_001))).message).toMatch(/^Signature expired/);
  });

  test.each([
    "0",
    "-1",
    "604801",
    "9999999",
    "abc",
    "",
    "1.5",
    "1e3",
    " 60",
    "60 ",
    "0x10",
    "NaN",
    "Infinity",
    "٣",
  ])("X-Amz-Expires=%j: refused", async (expires) => {
    expect(await refusal(presigned(expires))).toMatchObject({
      failure: "IncompleteSignature",
      message: "X-Amz-Expires must be a whole number of seconds from 1 to 604800.",
    });
  });

  test.each([
    "20260230T000000Z",
    "20260102T240000Z",
    "20261301T000000Z",
    "2026-01-02T03:04:05Z",
    "20260102",
    "Fri, 02 Jan 2026 03:04:05 GMT",
    "20260102T030405",
    "20260102t030405z",
  ])("the date %s: refused", (date) => {
    const request = withHeader(header, "X-Amz-Date", date);
    expect(() => parseSignature(request)).toThrow(
      `Date must be in ISO-8601 'basic format'. Got '${date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  });

  test("X-Amz-Date is preferred over Date, which serves in its absence", () => {
    const both = withHeader(header, "Date", "Fri, 02 Jan 2026 03:04:05 GMT");
    expect(parseSignature(both).date).toBe(DATE);
    const only = {
      ...header,
      headers: [...header.headers.filter(([name]) => name !== "X-Amz-Date"), ["Date", DATE]] as const,
    };
    expect(parseSignature(only).date).toBe(DATE);
  });
});
