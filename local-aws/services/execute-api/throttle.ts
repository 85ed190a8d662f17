/** Throttling: a token bucket for each method of each stage. */
import type { LiveKind } from "../../account/live";
import { methodSetting } from "../apigateway/method-setting";
import type { RoutedCall } from "./api-call";
import { GatewayError } from "./gateway-error";

/** A bucket that refills steadily up to its capacity. Pure but for its own level. */
export class TokenBucket {
  #tokens: number;
  #filledAt: number;

  /** @param now epoch milliseconds */
  constructor(burst: number, now: number) {
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /**
   * Takes one token if there is one.
   * @param limits `rate` in tokens a second, `burst` the capacity; they may change between calls
   */
  take({ rate, burst }: { rate: number; burst: number }, now: number): boolean {
    const elapsed = Math.max(0, now - this.#filledAt) / 1000;
    this.#tokens = Math.min(burst, this.#tokens + elapsed * rate);
    this.#filledAt = now;
    if (this.#tokens < 1) {
      return false;
    }
    this.#tokens -= 1;
    return true;
  }
}

/** Levels are not part of the account's state: they are lost with the process, as after a pause. */
const BUCKETS: LiveKind<Map<string, TokenBucket>> = { make: () => new Map() };

/**
 * Counts a call against the limits of its method. A limit of -1 leaves only the account's, which is not enforced here.
 * @throws GatewayError 429 when the bucket is empty
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
 */
export function throttle({ account, context, stage, route }: RoutedCall): void {
  const verb = route.method.httpMethod;
  const setting = methodSetting(stage, route.resource.path, verb);
  const { throttlingRateLimit: rate, throttlingBurstLimit: burst } = setting;
  if (rate < 0 || burst < 0) {
    return;
  }
  const buckets = account.live.part(BUCKETS);
  const key = `${context.apiId}/${context.stage}/${verb}${route.resource.path}`;
  const now = account.now().getTime();
  const bucket = buckets.get(key) ?? new TokenBucket(burst, now);
  buckets.set(key, bucket);
  if (!bucket.take({ rate, burst }, now)) {
    account.decisions.note({
      kind: "throttle",
      outcome: "refused",
      subject: `${verb} ${route.resource.path} of stage ${context.stage} of API ${context.apiId}`,
      detail: [`the limit is ${rate} requests a second with a burst of ${burst}`],
    });
    throw new GatewayError("THROTTLED", "TooManyRequestsException", "Too Many Requests");
  }
}
