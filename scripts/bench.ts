/** `npm run bench`: how long things take here, each against something that says what is to be expected of this machine. */
import { availableParallelism, cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { benchFiveSteps, TITLE } from "./bench/five-steps";

const USAGE = `Usage: npm run bench -- [--rounds N] [--warm-up N]

  --rounds N    rounds that count, one run of each in every round (default 40)
  --warm-up N   rounds before them that do not (default 10)
  --help        this text`;

async function main(): Promise<number> {
  let values: { rounds: string; "warm-up": string; help?: boolean };
  try {
    ({ values } = parseArgs({
      options: {
        rounds: { type: "string", default: "40" },
        "warm-up": { type: "string", default: "10" },
        help: { type: "boolean" },
      },
    }));
  } catch (error) {
    return complain(`${(error as Error).message}\n\n${USAGE}`);
  }
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const rounds = { counted: Number(values.rounds), warmUp: Number(values["warm-up"]) };
  if (!Number.isInteger(rounds.counted) || rounds.counted < 1) {
    return complain(`--rounds ${values.rounds} is not a number of rounds. Give 1 or more, e.g. --rounds 40.`);
  }
  if (!Number.isInteger(rounds.warmUp) || rounds.warmUp < 0) {
    return complain(
      `--warm-up ${values["warm-up"]} is not a number of rounds. Give 0 or more, e.g. --warm-up 10.`,
    );
  }

  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  console.log(
    `Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${memory}`,
  );
  console.log(`${rounds.counted} rounds after ${rounds.warmUp} to warm up`);
  console.log(`\n${TITLE}`);
  console.log((await benchFiveSteps(rounds)).join("\n"));
  return 0;
}

function complain(message: string): number {
  console.error(message);
  return 2;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
