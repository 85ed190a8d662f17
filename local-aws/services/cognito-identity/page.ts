/** Pages of Cognito's lists. */

import { pageOf } from "../page";
import { ServiceError } from "../service-error";

/** One page, and the token if there is more. */
export function listPage<Item>(
  items: readonly Item[],
  { MaxResults, NextToken }: { MaxResults: number; NextToken?: string },
): { page: Item[]; nextToken: string | undefined } {
  return pageOf(
    items,
    { token: NextToken, size: MaxResults },
    () => new ServiceError("InvalidParameterException", "Invalid NextToken."),
  );
}
