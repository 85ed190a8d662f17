/** How what is held is answered: API Gateway leaves out maps that are empty. */
import type { Integration, Method } from "../../account/state/apigateway";
import { nonEmpty } from "../output";

export function methodOutput(method: Method) {
  return {
    ...method,
    methodIntegration: method.methodIntegration && integrationOutput(method.methodIntegration),
    methodResponses: nonEmpty(method.methodResponses),
    requestParameters: nonEmpty(method.requestParameters),
    requestModels: nonEmpty(method.requestModels),
  };
}

export function integrationOutput(integration: Integration) {
  return {
    ...integration,
    // Streaming is refused. Provider 6 reads the mode and shows a difference where there is none.
    responseTransferMode: "BUFFERED",
    requestParameters: nonEmpty(integration.requestParameters),
    requestTemplates: nonEmpty(integration.requestTemplates),
    integrationResponses: nonEmpty(integration.integrationResponses),
  };
}
