/** Local AWS as a server of its own: how soon it is up, and how many calls it answers in a second of one core. */
import { generateKeyPairSync, sign } from "node:crypto";
import {
  CALLS,
  EMPTY_SERVER,
  localAwsProgram,
  withEmptyServer,
  withLocalAws,
  withMoto,
} from "../called-servers";
import { type Contender, compare, inThisProcess } from "../comparison";
import type { Row } from "../row";
import { Server } from "../server";

/** What is called a thousand times a second is compiled by V8 for good after some ten thousand calls only. */
const ROUNDS = { warmUp: 12, counted: 9 };

/** Signatures of a round. */
const SIGNATURES = 500;

export const LOCAL_AWS_ROWS: readonly Row[] = [
  {
    name: "start",
    what: "local AWS, from the shell until it is up",
    against: "an empty HTTP server of Node",
    aims: [{ of: "wall", atMostMore: 150 }],
    rounds: { warmUp: 1, counted: 9 },
    measure: (rounds) => compare(startOf(localAwsProgram()), startOf(EMPTY_SERVER), rounds),
  },
  ...(["describe", "token", "credentials"] as const).map(
    (call): Row => ({
      name: `moto-${call}`,
      what: `local AWS, ${CALLS[call].operation}, calls a second of one core`,
      against: "the same of moto's server",
      as: "rate",
      aims: [{ of: "cpu", atLeast: call === "describe" ? 8 : 5 }],
      rounds: ROUNDS,
      measure: (rounds) =>
        withLocalAws((local) => withMoto((moto) => compare(local[call], moto[call], rounds))),
    }),
  ),
  {
    name: "token",
    what: "local AWS, tokens a second of one core",
    against: "RS512 signatures of the same core (node:crypto, RSA of 2048 bits)",
    as: "rate",
    aims: [{ of: "cpu", atLeast: 0.6 }],
    rounds: ROUNDS,
    measure: (rounds) => withLocalAws((local) => compare(local.token, signatures(), rounds)),
  },
  {
    name: "mock",
    what: "local AWS, signed calls of a MOCK method a second of one core",
    against: "DescribeIdentityPool",
    as: "rate",
    aims: [{ of: "cpu", atLeast: 0.6 }],
    rounds: ROUNDS,
    measure: (rounds) => withLocalAws((local) => compare(local.mock, local.describe, rounds)),
  },
  {
    name: "lambda",
    what: "local AWS, signed calls of a function a second of one core",
    against: "DescribeIdentityPool",
    as: "rate",
    aims: [{ of: "cpu", atLeast: 0.3 }],
    rounds: ROUNDS,
    measure: (rounds) => withLocalAws((local) => compare(local.lambda, local.describe, rounds)),
  },
  {
    name: "lambda-socket",
    what: "local AWS, signed calls of a function a second of one core",
    against: "a bare process of Node that answers over a socket",
    as: "rate",
    rounds: ROUNDS,
    measure: (rounds) =>
      withLocalAws((local) => withEmptyServer((bare) => compare(local.lambda, bare, rounds))),
  },
];

function startOf([command, args, ready, env]: Parameters<typeof Server.start>): Contender {
  return async () => {
    const server = await Server.start(command, args, ready, env);
    const cpu = server.cpu();
    await server.stop();
    return { wall: server.startTime, cpu };
  };
}

/** What a token cannot be had for less than. */
function signatures(): Contender {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const signed = Buffer.alloc(700, "a");
  return inThisProcess(async () => {
    for (let signature = 0; signature < SIGNATURES; signature += 1) {
      sign("sha512", signed, privateKey);
    }
  }, SIGNATURES);
}
