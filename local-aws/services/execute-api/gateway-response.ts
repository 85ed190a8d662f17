/** Turns an error of the gateway into its answer, as the deployed gateway responses say. */

import type { ApiDefinition, GatewayResponse } from "../../account/state/apigateway";
import type { HttpResponse } from "../../respond/http-response";
import type { ApiCall } from "./api-call";
import type { GatewayError } from "./gateway-error";
import { mappedHeaders, mergeHeaders } from "./headers";
import { headerValue } from "./parameters";
import { substituteContext } from "./request-context";

/**
 * A customised response of the error's own type wins as a whole over DEFAULT_4XX or DEFAULT_5XX. Headers alone leave the body
 * as it was; a template replaces it.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 */
export function gatewayResponse(error: GatewayError, call: ApiCall): HttpResponse {
  call.context.error = {
    message: error.message,
    messageString: JSON.stringify(error.message),
    responseType: error.responseType,
  };
  const custom = customized(call.definition, error);
  const template = custom && chooseTemplate(custom, headerValue(call.request, "accept"));
  return {
    status: Number(custom?.statusCode ?? error.status),
    headers: mergeHeaders(
      { "Content-Type": template?.mediaType ?? "application/json", "x-amzn-ErrorType": error.errorType },
      mappedHeaders(custom?.responseParameters ?? {}, "gatewayresponse.header.", call),
    ),
    body: template
      ? renderTemplate(template.text, call)
      : JSON.stringify({ [error.messageKey]: error.message }),
  };
}

function customized({ gatewayResponses }: ApiDefinition, error: GatewayError): GatewayResponse | undefined {
  return (
    gatewayResponses[error.responseType] ??
    gatewayResponses[error.status >= 500 ? "DEFAULT_5XX" : "DEFAULT_4XX"]
  );
}

function chooseTemplate({ responseTemplates }: GatewayResponse, accept = "") {
  const mediaTypes = Object.keys(responseTemplates);
  const accepted = accept.split(",").map((range) => range.split(";", 1)[0]?.trim());
  const mediaType =
    mediaTypes.find((type) => accepted.includes(type)) ??
    mediaTypes.find((type) => type === "application/json") ??
    mediaTypes[0];
  return mediaType === undefined ? undefined : { mediaType, text: responseTemplates[mediaType] ?? "" };
}

function renderTemplate(template: string, call: ApiCall): string {
  const withStage = template.replace(/\$stageVariables\.([A-Za-z0-9_]+)/g, (_, name: string) => {
    return call.stage.variables?.[name] ?? "";
  });
  return substituteContext(withStage, call.context, "");
}
