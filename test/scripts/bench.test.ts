/** The bench's own arithmetic and output, and that it compares like with like. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { childrenCpu, runProgram } from "../../scripts/bench/program";
import { type Result, type Results, readResults } from "../../scripts/bench/results";
import { evaluate, type Pairs, type Sample } from "../../scripts/bench/row";
import { chooseRows, ROWS } from "../../scripts/bench/rows";
import { measureFiveSteps } from "../../scripts/bench/rows/harness";
import { tableLines, withBenchTable } from "../../scripts/bench/table";
import { PROJECT, runToEnd } from "../support/programs";

const samples = (cpu: readonly number[], wall = 10): Sample[] => cpu.map((value) => ({ wall, cpu: value }));

/** Medians 35 and 20; pairs 1.5, 1, 4 and 2.67 times. */
const PAIRS: Pairs = { a: samples([30, 20, 100, 40]), b: samples([20, 20, 25, 15]) };

const MEMORY: Pairs = { a: [{ memory: 360 }], b: [{ memory: 120 }] };

describe("arithmetic", () => {
  test("the ratio is that of the medians, its range that of the pairs", () => {
    const { figures, rounds } = evaluate({}, PAIRS);
    expect(rounds).toBe(4);
    expect(figures.cpu).toEqual({
      a: { median: 35, min: 20, max: 100 },
      b: { median: 20, min: 15, max: 25 },
      ratio: { median: 1.75, min: 1, max: 4 },
    });
    expect(figures.wall?.ratio).toEqual({ median: 1, min: 1, max: 1 });
    expect(figures.memory).toBeUndefined();
  });

  test("a rate is how often the one is done while the other is done once", () => {
    const { figures } = evaluate({ as: "rate" }, PAIRS);
    expect(figures.cpu?.ratio).toEqual({ median: 20 / 35, min: 0.25, max: 1 });
  });

  test.each([
    [{ of: "cpu", atMost: 1.75 }, 1.75, true],
    [{ of: "cpu", atMost: 1.7 }, 1.75, false],
    [{ of: "cpu", atLeast: 1.75 }, 1.75, true],
    [{ of: "cpu", atLeast: 1.8 }, 1.75, false],
    [{ of: "cpu", atMostMore: 15 }, 15, true],
    [{ of: "cpu", atMostMore: 14 }, 15, false],
  ] as const)("%j: %d, met: %s", (aim, value, met) => {
    expect(evaluate({ aims: [aim] }, PAIRS).aims).toEqual([{ aim, value, met }]);
  });

  test("an aim of what nobody looked at is an error", () => {
    expect(() => evaluate({ aims: [{ of: "memory", atMost: 9 }] }, PAIRS)).toThrow("an aim of memory");
  });

  test("what children took is the second line of the shell's times", () => {
    expect(childrenCpu("0m0.01s 0m0.02s\n1m1.25s 0m0.50s\n")).toBe(61_750);
  });
});

test("a program's processor time has its children's in it, its memory is that of its largest process of Node", async () => {
  const work = "const end = Date.now() + 300; while (Date.now() < end);";
  const child = `require("node:child_process").execFileSync(process.execPath, ["-e", ${JSON.stringify(work)}])`;
  const env = { PATH: process.env.PATH };
  const run = await runProgram({ command: process.execPath, args: ["-e", child], cwd: PROJECT, env });
  expect(run.nodes).toHaveLength(2);
  expect(run.cpu).toBeGreaterThan(0.8 * run.nodes.reduce((sum, { cpu }) => sum + cpu, 0));
  expect(run.memory).toBe(Math.max(...run.nodes.map(({ memory }) => memory)));
  await expect(
    runProgram({ command: process.execPath, args: ["-e", "process.exit(3)"], cwd: PROJECT, env }),
  ).rejects.toThrow("exit code 3");
});

test("the bare script makes the harness's calls, and both are measured", async () => {
  const { a, b } = await measureFiveSteps({ warmUp: 0, counted: 2 });
  for (const { wall, cpu } of [...a, ...b]) {
    expect(wall).toBeGreaterThan(0);
    expect(cpu).toBeGreaterThan(0);
  }
  expect([a.length, b.length]).toEqual([2, 2]);
});

describe("rows", () => {
  test("have names of their own, and five pairs or more", () => {
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
    expect(ROWS.filter(({ rounds }) => rounds.counted < 5)).toEqual([]);
  });

  test("are chosen by name, or by what comes before a hyphen", () => {
    const names = (...chosen: string[]) => chooseRows(chosen).map(({ name }) => name);
    expect(names("stages", "synth")).toEqual(["synth", "stages"]);
    expect(names("moto")).toEqual(["moto-describe", "moto-token", "moto-credentials"]);
    expect(() => chooseRows(["synht"])).toThrow(/^No row synht\. There are: synth, stages, /);
  });
});

describe("the table", () => {
  const words = { what: "this", against: "that" };
  const rows: Result[] = [
    { name: "synth", ...words, ...evaluate({ aims: [{ of: "cpu", atMost: 1.3 }] }, PAIRS) },
    { name: "start", ...words, ...evaluate({ aims: [{ of: "cpu", atMostMore: 150 }] }, PAIRS) },
    { name: "socket", ...words, ...evaluate({ as: "rate" }, PAIRS) },
    { name: "memory", ...words, ...evaluate({ aims: [{ of: "memory", atMostMore: 300 }] }, MEMORY) },
    { name: "moto", ...words, notMeasured: "no moto_server on the PATH" },
  ];

  test("has a line for each row: both, the ratio with its range, and what became of the aims", () => {
    expect(tableLines({ rows }).map((line) => line.split(/ {2,}/))).toEqual([
      ["", "wall", "ratio (min–max)", "CPU", "ratio (min–max)", "aim"],
      [
        "synth",
        "10.0 ms : 10.0 ms",
        "1.00× (1.00–1.00)",
        "35.0 ms : 20.0 ms",
        "1.75× (1.00–4.00)",
        "CPU 1.75× ≤ 1.3× ✗",
      ],
      [
        "start",
        "10.0 ms : 10.0 ms",
        "1.00× (1.00–1.00)",
        "35.0 ms : 20.0 ms",
        "1.75× (1.00–4.00)",
        "CPU 15.0 ms more ≤ 150 ms ✓",
      ],
      [
        "socket",
        "10.0 ms : 10.0 ms",
        "1.00× (1.00–1.00)",
        "35.0 ms : 20.0 ms",
        "0.571× (0.250–1.00)",
        "none, reported",
      ],
      ["memory", "memory 240 B more ≤ 300 B ✓"],
      ["moto", "not measured: no moto_server on the PATH"],
      [""],
      ["synth", "this : that"],
      ["start", "this : that"],
      ["socket", "this : that"],
      ["memory", "this : that"],
      ["moto", "this : that"],
    ]);
  });

  test("goes into the README with where it was measured and which aims are missed", () => {
    const results: Results = {
      measuredAt: "2026-11-26T12:00:00.000Z",
      machine: { platform: "linux x64", cores: 2, processor: "One", memory: 8 * 2 ** 30 },
      versions: { node: "24.0.0", cdktf: "0.21.0" },
      rows,
    };
    const marks = ["<!-- bench: written by `npm run bench -- --readme` -->", "<!-- end of bench -->"];
    const text = withBenchTable(`before\n${marks.join("\n")}\nafter`, results);
    expect(text).toContain(
      "Measured on 2026-11-26, 1 to 4 pairs a row: linux x64, 2 cores (One), 8 GiB, Node 24.0.0, cdktf 0.21.0.",
    );
    expect(text).toContain(
      "| `synth`: this | that | 10.0 ms : 10.0 ms, 1.00× (1.00–1.00) | 35.0 ms : 20.0 ms, 1.75× (1.00–4.00) | CPU 1.75× ≤ 1.3× ✗ |",
    );
    expect(text).toContain("| `memory`: this | that |  |  | memory 240 B more ≤ 300 B ✓ |");
    expect(text).toContain("| `moto`: this | that | | | not measured: no moto_server on the PATH |");
    expect(text).toContain("\n\nMissed: `synth`.\n");
  });

  test("in the README is that of bench/results.json", () => {
    const readme = readFileSync(path.join(PROJECT, "README.md"), "utf8");
    expect(withBenchTable(readme, readResults())).toBe(readme);
  });
});

test("a row that isn't there is wrong usage, told with those that are", async () => {
  const { code, output } = await runToEnd(
    process.execPath,
    ["--import", "tsx", "scripts/bench.ts", "--only", "synht"],
    process.env,
  );
  expect(code).toBe(2);
  expect(output).toContain("No row synht. There are: synth, stages, ");
});
