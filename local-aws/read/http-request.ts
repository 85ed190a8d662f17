/** HTTP as it was on the wire: signatures are computed over exactly these bytes, so nothing here is decoded. */

export interface HttpRequest {
  readonly method: string;
  /** The path as sent, percent-encodings untouched. */
  readonly path: string;
  /** The query string as sent, without the question mark; empty when there is none. */
  readonly query: string;
  /** Name and value pairs in the order sent, duplicates kept. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

type Headers = Pick<HttpRequest, "headers">;

/** Every value of a header, in the order sent; none when it is absent. */
export function headerValues({ headers }: Headers, name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}

/** The values of a header joined with a comma, as RFC 9110 (5.3) reads duplicates; undefined when it is absent. */
export function header(request: Headers, name: string): string | undefined {
  const values = headerValues(request, name);
  return values.length === 0 ? undefined : values.join(",");
}

/**
 * Whether a web page sent it. Browsers name the page's origin, or say from where a request without one came; a person who types the
 * address into a browser sends `Sec-Fetch-Site: none`, a program nothing.
 *
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function isFromWebPage(request: Headers): boolean {
  return header(request, "origin") !== undefined || (header(request, "sec-fetch-site") ?? "none") !== "none";
}
