/** Which bodies are bytes to API Gateway and which are text. */

/**
 * Tells whether an API treats a media type as binary. Only exact types and the wildcard for everything are known to API Gateway.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
 */
export function isBinary(binaryMediaTypes: readonly string[], mediaType: string | undefined): boolean {
  if (binaryMediaTypes.includes("*/*")) {
    return true;
  }
  const bare = mediaType?.split(";", 1)[0]?.trim().toLowerCase();
  return bare !== undefined && binaryMediaTypes.some((type) => type.toLowerCase() === bare);
}

/** The one media type of an `Accept` header that API Gateway looks at: the first. */
export function firstAccepted(accept: string | undefined): string | undefined {
  return accept?.split(",", 1)[0]?.trim();
}
