/** The bench compares like with like, and its table is computed rightly. */
import { comparisonLines } from "../../scripts/bench/comparison";
import { benchFiveSteps } from "../../scripts/bench/five-steps";
import { benchScale, GROWTHS } from "../../scripts/bench/scale";

test("the bare script makes the harness's calls, and both are timed", async () => {
  const lines = await benchFiveSteps({ warmUp: 0, counted: 2 });
  expect(lines).toEqual([
    "  9 requests a run",
    expect.stringMatching(/^ {15}\s+median +min +max$/),
    expect.stringMatching(/^ {2}harness(\s+\d+\.\d ms){3}$/),
    expect.stringMatching(/^ {2}bare script(\s+\d+\.\d ms){3}$/),
    expect.stringMatching(/^ {2}ratio(\s+\d+\.\d\d){3}$/),
  ]);
});

test("the ratio is that of the medians, its range that of the rounds", () => {
  const contender = (name: string) => ({ name, run: async () => {} });
  const lines = comparisonLines(contender("a"), contender("b"), {
    a: [30, 20, 100, 40],
    b: [20, 20, 25, 15],
    cpu: { a: [], b: [] },
  });
  expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ["median", "min", "max"],
    ["a", "35.0 ms", "20.0 ms", "100.0 ms"],
    ["b", "20.0 ms", "15.0 ms", "25.0 ms"],
    ["ratio", "1.75", "1.00", "4.00"],
  ]);
});

test("each call that is measured where there is much is answered as it should be", async () => {
  const scale = { identities: 200, sessions: 3, routes: 12, statements: 2, streams: 1 };
  const growths = GROWTHS.map((growth) => ({ ...growth, scale }));
  const lines = await benchScale({ warmUp: 0, counted: 1 }, growths);
  expect(lines).toHaveLength(1 + GROWTHS.length);
  for (const line of lines.slice(1)) {
    expect(line).toMatch(/^ {2}[a-zA-Z].*\s\d+\.\d{3}\s+\d+\.\d{3}(\s+\d+\.\d\d){3}$/);
  }
});
