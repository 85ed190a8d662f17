/** One request on its way through a stage. */
import type { Account } from "../../account";
import type { ApiDefinition, Stage } from "../../account/state/apigateway";
import type { HttpRequest } from "../../read/http-request";
import type { RequestContext } from "./request-context";
import type { Route } from "./routing";

export interface ApiCall {
  readonly account: Account;
  readonly request: HttpRequest;
  readonly stage: Stage;
  /** What was deployed; never changed. */
  readonly definition: ApiDefinition;
  readonly context: RequestContext;
  /** The path behind the stage, as sent. */
  readonly path: string;
}

/** A call whose method has been found. */
export interface RoutedCall extends ApiCall {
  readonly route: Route;
}
