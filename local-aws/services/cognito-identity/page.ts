/** Pages of Cognito's lists. */
import { ServiceError } from "../../errors";

/** One page, and the token (the place where the next page starts) if there is more. */
export function pageOf<Item>(
  items: readonly Item[],
  input: { MaxResults: number; NextToken?: string },
): { page: Item[]; nextToken: string | undefined } {
  const start = input.NextToken === undefined ? "0" : Buffer.from(input.NextToken, "base64url").toString();
  if (!/^\d{1,9}$/.test(start)) throw new ServiceError("InvalidParameterException", "Invalid NextToken.");
  const end = Number(start) + input.MaxResults;
  return {
    page: items.slice(Number(start), end),
    nextToken: end < items.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}
