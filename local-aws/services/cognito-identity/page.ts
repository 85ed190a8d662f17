/** Pages of Cognito's lists. */

import { pageOf, placeOf } from "../page";
import { ServiceError } from "../service-error";

const invalid = () => new ServiceError("InvalidParameterException", "Invalid NextToken.");

/** One page, and the token if there is more. */
export function listPage<Item>(
  items: readonly Item[],
  { MaxResults, NextToken }: { MaxResults: number; NextToken?: string },
): { page: Item[]; nextToken: string | undefined } {
  return pageOf(items, { token: NextToken, size: MaxResults }, invalid);
}

/** The place where the page that a request asks for starts. @throws ServiceError for a token that was never given */
export function pageStart(token: string | undefined): number {
  return placeOf(token, invalid);
}
