/** The service that a request was signed for: it names what local AWS doesn't have, in a form that the service's client can read. */
import { type HttpRequest, header } from "../read/http-request";
import { SERVICES } from "../services";
import type { Service } from "../services/service";

/** Services that speak REST with XML; their clients read errors in the form of AWS Query. */
const REST_XML = new Set(["cloudfront", "route53", "s3", "s3express"]);

/**
 * The service in the request's credential scope, be it here or not.
 *
 * @param supposed whose it is taken for when it wasn't signed, or for a service here that speaks another protocol
 */
export function signedFor(request: HttpRequest, supposed: Service): Service {
  const name = scopedService(request);
  if (name === undefined) {
    return supposed;
  }
  const here = SERVICES.find((service) => service.name === name);
  if (here === undefined) {
    return absentService(name, REST_XML.has(name) ? "query" : supposed.protocol);
  }
  return here.protocol === supposed.protocol ? here : supposed;
}

/** A service that local AWS doesn't have: it has a name and a protocol, and refuses. */
export function absentService(name: string, protocol: Service["protocol"]): Service {
  return { name, protocol, validationErrorCode: "", refusalErrorCode: "", operations: {} };
}

/** Signing names are in small letters; where a secret key was given as the key's id, what stands in this place is hardly one. */
function scopedService(request: HttpRequest): string | undefined {
  const presigned = new URLSearchParams(request.query).get("X-Amz-Credential") ?? "";
  const signature = header(request, "authorization") ?? `Credential=${presigned}/`;
  return /Credential=[^/]*\/\d{8}\/[^/]*\/([a-z0-9-]{2,40})\//.exec(signature)?.[1];
}
