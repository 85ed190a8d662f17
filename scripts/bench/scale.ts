/** What a call of local AWS costs where users, sessions, routes, policies and logs have grown, against the same call where they are few. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { median } from "../../harness/run/durations";
import { dictionary } from "../../local-aws/account/dictionary";
import type { Identity, IdentityPool } from "../../local-aws/account/state/cognito-identity";
import { PoolIdentities } from "../../local-aws/services/cognito-identity/pool-identities";
import { compare, type Rounds } from "./comparison";
import { type Scale, type ScaledCalls, scaledAccount, userOf } from "./scaled-account";

export const TITLE =
  "local AWS: a call where there is much against the same call where there is little, CPU ms a call";

/** Calls of a round, enough for the processor's clock. */
const CALLS = 50;

interface Growth {
  readonly call: keyof ScaledCalls;
  readonly what: string;
  readonly scale: Scale;
}

/** Sessions beyond 20,000 are forgotten; policies of a role have at most 10,240 characters. */
export const GROWTHS: readonly Growth[] = [
  { call: "token", what: "token of a known user, 100,000 identities to 100", scale: { identities: 100_000 } },
  { call: "token", what: "the same, 1,000,000 to 100", scale: { identities: 1_000_000 } },
  { call: "page", what: "page of 60 identities, 100,000 to 100", scale: { identities: 100_000 } },
  { call: "page", what: "the same, 1,000,000 to 100", scale: { identities: 1_000_000 } },
  { call: "credentials", what: "credentials, 100,000 sessions issued to 0", scale: { sessions: 100_000 } },
  { call: "call", what: "signed MOCK call, 300 routes to 10", scale: { routes: 300 } },
  { call: "call", what: "signed MOCK call, 100 statements to 1", scale: { statements: 100 } },
  { call: "unknown", what: "unknown route, 300 routes to 10", scale: { routes: 300 } },
  { call: "delivery", what: "log delivery, 16 streams of 10,000 events to 1 of few", scale: { streams: 16 } },
];

/** Returns the lines to print. */
export async function benchScale(rounds: Rounds, growths: readonly Growth[] = GROWTHS): Promise<string[]> {
  const few = await scaledAccount({});
  const rows: string[][] = [["", "much", "little", "ratio", "min", "max"]];
  for (const { call, what, scale } of growths) {
    const many = await scaledAccount(scale);
    const { cpu } = await compare(repeated(many[call]), repeated(few[call]), rounds);
    const ratios = cpu.a.map((time, round) => time / (cpu.b[round] ?? Number.NaN));
    const ratio = median(cpu.a) / median(cpu.b);
    rows.push([
      what,
      ...[cpu.a, cpu.b].map((times) => (median(times) / CALLS).toFixed(3)),
      ...[ratio, Math.min(...ratios), Math.max(...ratios)].map((value) => value.toFixed(2)),
    ]);
  }
  const width = Math.max(...rows.map(([what = ""]) => what.length));
  return rows.map(
    ([what = "", ...cells]) => `  ${what.padEnd(width)}${cells.map((cell) => cell.padStart(9)).join("")}`,
  );
}

const repeated = (send: () => Promise<unknown>) => ({
  name: "",
  async run() {
    for (let call = 0; call < CALLS; call += 1) {
      await send();
    }
  },
});

/** Returns the line to print: what an identity with one user takes of the heap, beside its two texts. */
export function benchMemory(identities = 100_000): string {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const heap = () => {
    collect();
    collect();
    return process.memoryUsage().heapUsed;
  };
  const pool = { identities: dictionary<Identity>() } as IdentityPool;
  const now = Date.now();
  const before = heap();
  const index = new PoolIdentities(pool);
  for (let number = 0; number < identities; number += 1) {
    const identity = index.add({
      id: flat(`us-east-1:00000000-0000-4000-8000-${String(number).padStart(12, "0")}`),
      createdAt: now,
      modifiedAt: now,
      developerUserIdentifiers: [],
      authenticated: true,
      disabled: false,
    });
    index.link(identity, flat(userOf(number)));
  }
  const each = (heap() - before) / identities;
  const [{ id, developerUserIdentifiers }] = index.page(0, 1, () => true).page as [Identity];
  const texts = [id, ...developerUserIdentifiers].reduce((sum, text) => sum + heapBytes(text), 0);
  return `  memory: ${Math.round(each - texts)} bytes an identity above the ${texts} of its texts, with ${identities.toLocaleString("en")} of them`;
}

/** In one piece, as texts are that have come with a request. */
const flat = (text: string) => Buffer.from(text).toString("latin1");

/** V8 keeps such a text in a byte a character behind a head of 16, in words of 8. */
const heapBytes = (text: string) => Math.ceil((16 + text.length) / 8) * 8;
