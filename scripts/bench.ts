/** `npm run bench`: how long things take here, each against something that says what is to be expected of this machine. */
import { availableParallelism, cpus, totalmem } from "node:os";
import { InvalidArgumentError } from "commander";
import { benchData, DATA_TITLE } from "./bench/data";
import { benchFiveSteps, TITLE } from "./bench/five-steps";
import { benchMemory, benchScale, TITLE as SCALE } from "./bench/scale";
import { npmCommand } from "./command";

/** Reads a number of rounds. @throws InvalidArgumentError below the least */
function rounds(least: number, example: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least) {
      throw new InvalidArgumentError(`Not a number of rounds: give ${least} or more, e.g. ${example}.`);
    }
    return number;
  };
}

const options = npmCommand(
  "bench",
  "Measures how long things take, each against something to compare it with.",
)
  .option("--rounds <N>", "rounds that count, one run of each in every round", rounds(1, 40), 40)
  .option("--warm-up <N>", "rounds before them that do not", rounds(0, 10), 10)
  .parse()
  .opts<{ readonly rounds: number; readonly warmUp: number }>();

async function main(): Promise<void> {
  const { rounds: counted, warmUp } = options;
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  console.log(
    `Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${memory}`,
  );
  console.log(`${counted} rounds after ${warmUp} to warm up`);
  console.log(`\n${TITLE}`);
  console.log((await benchFiveSteps({ counted, warmUp })).join("\n"));
  console.log(`\n${SCALE}`);
  console.log((await benchScale({ counted, warmUp })).join("\n"));
  console.log(benchMemory());
  console.log(`\n${DATA_TITLE}`);
  console.log((await benchData({ counted, warmUp })).join("\n"));
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
