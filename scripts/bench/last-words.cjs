/**
 * Loaded into every Node that a measured program starts: says at its end what it took. Required, since Node with an `--import` loads
 * even a program of CommonJS as an ES module, which takes longer.
 */
const { writeFileSync } = require("node:fs");

const directory = process.env.BENCH_DIRECTORY;
if (directory !== undefined) {
  process.once("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const said = {
      program: process.argv[1] ?? "",
      cpu: (userCPUTime + systemCPUTime) / 1000,
      memory: maxRSS * 1024,
    };
    try {
      writeFileSync(`${directory}/${process.pid}.json`, JSON.stringify(said));
    } catch {
      // It outlived what was measured.
    }
  });
}
