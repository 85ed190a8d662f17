/**
 * List prices of AWS in us-east-1, USD, the first tier that is paid, without free tiers. None was read from AWS itself: where each was found,
 * and of which day that is, stands beside it.
 */

/** Where a price is from. */
interface Source {
  readonly name: string;
  readonly url: string;
  /** The day of the price list or page that the source names, YYYY-MM-DD. */
  readonly asOf: string;
}

export interface Price {
  readonly what: string;
  /** What one of is paid for, e.g. `request` or `GB`. */
  readonly unit: string;
  /** USD for `per` of them. */
  readonly usd: number;
  readonly per: number;
  readonly source: Source;
}

const CLARCHY: Source = {
  name: "AWS Price List, as Clarchy's price book has it",
  url: "https://github.com/namratabhatia21/Clarchy/blob/main/src/clarchy/data/prices/aws.yaml",
  asOf: "2026-10-01",
};
const OCEL: Source = {
  name: "AWS Price List, as Ocel's research quotes it",
  url: "https://github.com/ocelhq/ocel/issues/1014",
  asOf: "2026-08-31",
};

export const PRICES = {
  apiCall: {
    what: "API Gateway, REST API",
    unit: "call received",
    usd: 3.5,
    per: 1e6,
    source: CLARCHY,
  },
  invocation: { what: "Lambda, requests on Arm", unit: "request", usd: 0.2, per: 1e6, source: OCEL },
  compute: { what: "Lambda, duration on Arm", unit: "GB-second", usd: 0.0000133334, per: 1, source: OCEL },
  logBytes: { what: "CloudWatch Logs, ingestion", unit: "GB", usd: 0.5, per: 1, source: CLARCHY },
  logStorage: {
    what: "CloudWatch Logs, storage (counted uncompressed)",
    unit: "GB-month",
    usd: 0.03,
    per: 1,
    source: {
      name: "C3X, CloudWatch Logs cost optimization",
      url: "https://c3x.dev/blog/cloudwatch-logs-cost-optimization",
      asOf: "2026-06-01",
    },
  },
  transfer: { what: "Data transfer to the internet", unit: "GB", usd: 0.09, per: 1, source: OCEL },
  stateRequest: {
    what: "S3, PUT, COPY, POST, LIST",
    unit: "request",
    usd: 0.005,
    per: 1000,
    source: CLARCHY,
  },
  stateStorage: { what: "S3 Standard, storage", unit: "GB-month", usd: 0.023, per: 1, source: CLARCHY },
} as const satisfies Record<string, Price>;

export type Priced = keyof typeof PRICES;

/** What is used of each; what is left out is not used. */
export type Quantities = Readonly<Partial<Record<Priced, number>>>;

/** USD for one of a unit. */
export function costOf(priced: Priced, quantity: number): number {
  const { usd, per } = PRICES[priced];
  return (quantity * usd) / per;
}

export function totalOf(quantities: Quantities): number {
  return Object.entries(quantities).reduce(
    (sum, [priced, quantity]) => sum + costOf(priced as Priced, quantity),
    0,
  );
}
