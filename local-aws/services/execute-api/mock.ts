/** The MOCK integration: the gateway makes an answer up from templates, which is how CORS preflights are answered. */

import type { Integration, IntegrationResponse } from "../../account/state/apigateway";
import { queryValues } from "../../read/values-by-name";
import type { HttpResponse } from "../../respond/http-response";
import { own } from "../apigateway/lookup";
import type { RoutedCall } from "./api-call";
import { GatewayError, internalServerError } from "./gateway-error";
import { mappedHeaders, mergeHeaders } from "./headers";
import { headersByName, headerValue, lastValues } from "./parameters";
import { renderTemplate, UnusableTemplateError } from "./template";

/**
 * Renders the request template, takes the `statusCode` of the result, and answers with the integration response for it.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
 */
export function mockResponse(call: RoutedCall, integration: Integration): HttpResponse {
  const status = statusCodeOf(integrationRequest(call, integration));
  if (status === undefined) {
    throw failed(call, "its request didn't yield JSON with a numeric statusCode");
  }
  const response = chooseResponse(integration, status);
  if (!response) {
    throw failed(call, `it has no integration response for status ${status} and no default one`);
  }
  call.context.integration = { status, latency: 0 };
  return answerOf(call, response);
}

function failed(call: RoutedCall, explanation: string): GatewayError {
  call.account.decisions.note({
    kind: "integration",
    outcome: "refused",
    subject: `the MOCK integration of ${call.context.httpMethod} ${call.context.resourcePath} has no answer`,
    detail: [explanation],
  });
  return internalServerError(500);
}

/** What a real integration would have been sent. */
function integrationRequest(
  call: RoutedCall,
  { requestTemplates, passthroughBehavior }: Integration,
): string {
  const contentType = headerValue(call.request, "content-type") ?? "application/json";
  const mediaType = contentType.split(";", 1)[0]?.trim().toLowerCase();
  const templates = Object.entries(requestTemplates ?? {});
  const template = templates.find(([name]) => name.toLowerCase() === mediaType)?.[1];
  if (template !== undefined) {
    return rendered(template, call);
  }
  if (
    passthroughBehavior === "NEVER" ||
    (passthroughBehavior === "WHEN_NO_TEMPLATES" && templates.length > 0)
  ) {
    throw new GatewayError("UNSUPPORTED_MEDIA_TYPE", "BadRequestException", "Unsupported Media Type");
  }
  return call.request.body.toString("utf8");
}

function statusCodeOf(request: string): number | undefined {
  // Templates in the wild are lax about JSON: keys without quotes, single quotes. The status is all that counts.
  const match = /^\s*\{(?:.*[,{\s])?["']?statusCode["']?\s*:\s*["']?(\d{3})["']?\s*[,}]/s.exec(request);
  return match ? Number(match[1]) : undefined;
}

/** The response whose pattern matches the status wins over the one without a pattern. */
function chooseResponse(
  { integrationResponses }: Integration,
  status: number,
): IntegrationResponse | undefined {
  const responses = Object.values(integrationResponses);
  return (
    responses.find(
      ({ selectionPattern }) => selectionPattern && new RegExp(`^(?:${selectionPattern})$`).test(`${status}`),
    ) ?? responses.find(({ selectionPattern }) => !selectionPattern)
  );
}

function answerOf(call: RoutedCall, response: IntegrationResponse): HttpResponse {
  const templates = Object.entries(response.responseTemplates ?? {});
  const [mediaType, template] = templates.find(([name]) => name === "application/json") ?? templates[0] ?? [];
  return {
    status: Number(response.statusCode),
    headers: mergeHeaders(
      { "Content-Type": mediaType ?? "application/json" },
      mappedHeaders(response.responseParameters ?? {}, "method.response.header.", call),
    ),
    body: template === undefined ? "" : rendered(template, call),
  };
}

function rendered(template: string, call: RoutedCall): string {
  const { context, request, route, stage } = call;
  const body = request.body.toString("utf8");
  let read: Record<string, Record<string, string>> | undefined;
  const parameters = () => {
    read ??= {
      path: { ...route.pathParameters },
      querystring: lastValues(queryValues(request.query)),
      header: lastValues(headersByName(request.headers)),
    };
    return read;
  };
  const named = (name: string) =>
    Object.values(parameters())
      .map((values) => own(values, name))
      .find((value) => value !== undefined) ?? "";
  try {
    return renderTemplate(template, {
      context,
      stageVariables: stage.variables ?? {},
      input: { body, params: (name) => (name === undefined ? parameters() : named(name)) },
    });
  } catch (error) {
    if (!(error instanceof UnusableTemplateError)) {
      throw error;
    }
    throw failed(call, `a template can't be rendered: ${error.message}`);
  }
}
