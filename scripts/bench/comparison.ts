/** Does two things in turn, A B A B, so that what slows the machine down for a while slows down both. */
import type { Pairs, Rounds, Sample } from "./row";

/** Does it once and tells what that took; setting up and tidying away belong outside. */
export type Contender = () => Promise<Sample>;

export async function compare(a: Contender, b: Contender, { warmUp, counted }: Rounds): Promise<Pairs> {
  const pairs = { a: [] as Sample[], b: [] as Sample[] };
  for (let round = -warmUp; round < counted; round += 1) {
    const [ofA, ofB] = [await a(), await b()];
    if (round >= 0) {
      pairs.a.push(ofA);
      pairs.b.push(ofB);
    }
  }
  return pairs;
}

/**
 * Makes a contender of what is done in this process; all its threads count.
 *
 * @param times how often `run` does it
 */
export function inThisProcess(run: () => Promise<unknown>, times = 1): Contender {
  return async () => {
    const used = process.cpuUsage();
    const began = performance.now();
    await run();
    const wall = performance.now() - began;
    const { user, system } = process.cpuUsage(used);
    return { wall: wall / times, cpu: (user + system) / 1000 / times };
  };
}
