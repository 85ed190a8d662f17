/** What a call of local AWS costs where users, sessions, routes, policies and logs have grown, against the same call where they are few. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { dictionary } from "../../../local-aws/account/dictionary";
import type { Identity, IdentityPool } from "../../../local-aws/account/state/cognito-identity";
import { PoolIdentities } from "../../../local-aws/services/cognito-identity/pool-identities";
import { compare, inThisProcess } from "../comparison";
import type { Row } from "../row";
import { type Scale, type ScaledCalls, scaledAccount, userOf } from "../scaled-account";

/** Calls of a round, enough for the processor's clock. */
const CALLS = 100;

interface Growth {
  readonly name: string;
  readonly call: keyof ScaledCalls;
  readonly what: string;
  readonly against: string;
  readonly scale: Scale;
}

/** Policies of a role have at most 10,240 characters. */
const GROWTHS: readonly Growth[] = [
  {
    name: "token-100000",
    call: "token",
    what: "token of a known user, 100,000 identities",
    against: "100",
    scale: { identities: 100_000 },
  },
  {
    name: "token-1000000",
    call: "token",
    what: "token of a known user, 1,000,000 identities",
    against: "100",
    scale: { identities: 1_000_000 },
  },
  {
    name: "page-1000000",
    call: "page",
    what: "page of 60 identities, of 1,000,000",
    against: "of 100",
    scale: { identities: 1_000_000 },
  },
  {
    name: "credentials",
    call: "credentials",
    what: "credentials, 100,000 sessions issued",
    against: "none issued",
    scale: { sessions: 100_000 },
  },
  {
    name: "call-300",
    call: "call",
    what: "signed MOCK call, 300 routes",
    against: "10",
    scale: { routes: 300 },
  },
  {
    name: "statements",
    call: "call",
    what: "signed MOCK call, 100 statements",
    against: "1",
    scale: { statements: 100 },
  },
  {
    name: "unknown",
    call: "unknown",
    what: "unknown route, 300 routes",
    against: "10",
    scale: { routes: 300 },
  },
  {
    name: "delivery",
    call: "delivery",
    what: "log delivery, 16 streams of 10,000 events",
    against: "one of few",
    scale: { streams: 16 },
  },
  {
    name: "delivery-1000",
    call: "delivery",
    what: "log delivery, 1,000 streams of 100 events",
    against: "one of few",
    scale: { streams: 1_000, events: 100 },
  },
];

/** Bytes that an identity may take beside its texts. */
const MOST_BYTES = 300;

export const SCALE_ROWS: readonly Row[] = [
  ...GROWTHS.map(
    ({ name, call, what, against, scale }): Row => ({
      name: `scale-${name}`,
      what,
      against,
      aims: [{ of: "cpu", atMost: 1.2 }],
      rounds: { warmUp: 20, counted: 60 },
      async measure(rounds) {
        const [many, few] = [await scaledAccount(scale), await scaledAccount({})];
        const contender = (send: () => Promise<unknown>) => inThisProcess(() => repeated(send), CALLS);
        return compare(contender(many[call]), contender(few[call]), rounds);
      },
    }),
  ),
  {
    name: "scale-memory",
    what: "heap for each of 100,000 identities",
    against: "its two texts",
    aims: [{ of: "memory", atMostMore: MOST_BYTES }],
    rounds: { warmUp: 0, counted: 5 },
    async measure({ counted }) {
      const measured = Array.from({ length: counted }, () => memoryOfIdentities(100_000));
      return {
        a: measured.map(({ each }) => ({ memory: each })),
        b: measured.map(({ texts }) => ({ memory: texts })),
      };
    },
  },
];

async function repeated(send: () => Promise<unknown>): Promise<void> {
  for (let call = 0; call < CALLS; call += 1) {
    await send();
  }
}

/** What an identity with one user takes of the heap, and its two texts of that. */
function memoryOfIdentities(identities: number): { each: number; texts: number } {
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
  return { each, texts: [id, ...developerUserIdentifiers].reduce((sum, text) => sum + heapBytes(text), 0) };
}

/** In one piece, as texts are that have come with a request. */
const flat = (text: string) => Buffer.from(text).toString("latin1");

/** V8 keeps such a text in a byte a character behind a head of 16, in words of 8. */
const heapBytes = (text: string) => Math.ceil((16 + text.length) / 8) * 8;
