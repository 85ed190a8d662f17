/** Changes are lines after the JSON of `--data FILE`: what they leave when something goes wrong, and how they become JSON again. */
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { startLocalAws, UnusableAccountFileError } from "../../../local-aws";
import { type AccountState, emptyAccountState } from "../../../local-aws/account";
import { dictionary } from "../../../local-aws/account/dictionary";
import { readAccount } from "../../../local-aws/account/file";
import { AccountFile } from "../../../local-aws/account/file-writer";
import { deployMockApi, MOCK_STAGE } from "../../../scripts/bench/mock-api";

const SETTINGS = {
  accountId: "123456789012",
  region: "us-east-1",
  rootCredentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" },
};

let directory: string;
let file: string;
/** What all file handles inherit. */
let handles: FileHandle;

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "file-writer-"));
  file = path.join(directory, "account.json");
  const handle = await open(directory);
  handles = Object.getPrototypeOf(handle);
  await handle.close();
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

async function newFile(): Promise<{ accountFile: AccountFile; state: AccountState }> {
  const accountFile = new AccountFile(file, SETTINGS);
  const state = accountFile.keep(emptyAccountState());
  await accountFile.save();
  return { accountFile, state };
}

/** Something to keep, told apart by its name. */
function addGroup(state: AccountState, name: string, tag = ""): void {
  state.logs.groups[name] = {
    createdAt: 0,
    logGroupClass: "STANDARD",
    deletionProtected: false,
    tags: dictionary([["tag", tag]]),
    streams: dictionary(),
  };
}

const groupsIn = (name = file) => Object.keys(readAccount(name)?.state.logs.groups ?? {});

/** As a full disk does: some of it is written. */
function fullDisk() {
  const { appendFile } = handles;
  return jest.spyOn(handles, "appendFile").mockImplementation(async function (this: FileHandle, data) {
    await appendFile.call(this, data.slice(0, data.length / 2));
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  });
}

/** A file that a killed process left, with the groups "first", "second" and "third", the last two as lines of their own. */
async function leftByKill(): Promise<Buffer> {
  const { accountFile, state } = await newFile();
  addGroup(state, "first");
  await accountFile.close();
  const again = new AccountFile(file, SETTINGS);
  const restored = again.keep(readAccount(file)?.state as AccountState);
  await again.save();
  addGroup(restored, "second");
  await again.save();
  addGroup(restored, "third");
  await again.save();
  const left = readFileSync(file);
  await again.close();
  writeFileSync(file, left);
  return left;
}

test("is JSON alone when it is new and when it was closed, and lines after it meanwhile", async () => {
  const { accountFile, state } = await newFile();
  JSON.parse(readFileSync(file, "utf8"));
  addGroup(state, "one");
  await accountFile.save();
  expect(readFileSync(file, "utf8")).toMatch(
    /^\{\n[\s\S]*\n\}\n\{"format":"local-aws-account-changes"[^\n]*\n\[\[\[[^\n]*\n$/,
  );
  expect(groupsIn()).toEqual(["one"]);
  const { ino } = statSync(file);
  await accountFile.close();
  expect(JSON.parse(readFileSync(file, "utf8")).state.logs.groups).toHaveProperty("one");
  expect([statSync(file).ino === ino, readdirSync(directory)]).toEqual([false, ["account.json"]]);
});

test("what was being written when the process was killed is dropped, wherever it was cut off", async () => {
  const left = await leftByKill();
  const text = left.toString();
  const json = text.indexOf("\n}\n") + 3;
  const [head = "", second = ""] = text.slice(json).split("\n");
  const secondEnds = json + head.length + 1 + second.length + 1;
  for (let size = json; size < left.length; size += 1) {
    truncateSync(file, size);
    const groups = groupsIn();
    writeFileSync(file, left);
    expect([size, groups]).toEqual([size, size < secondEnds ? ["first"] : ["first", "second"]]);
  }
  truncateSync(file, left.length - 1);
  const aws = await startLocalAws({ data: file });
  await aws.stop();
  expect(JSON.parse(readFileSync(file, "utf8")).state.logs.groups).toEqual({
    first: expect.anything(),
    second: expect.anything(),
  });
});

test.each<[string, (text: string) => string, (line: number) => string]>([
  [
    "that follow another JSON",
    (text) => text.replace("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7ANOTHER"),
    (line) =>
      `the changes from line ${line} on follow another JSON than the one that is before them: it was edited, or is another account's. It was left untouched. Put the JSON back, or remove these lines to go without the changes.`,
  ],
  [
    "with one that is broken",
    (text) => text.replace('"second"', '"second'),
    (line) => `damaged at line ${line + 1}.`,
  ],
  [
    "with something else among them",
    (text) => text.replace(/\n(?=\[\[.*third)/, "\n7\n"),
    (line) => `damaged at line ${line + 2}.`,
  ],
])("changes %s are refused with the reason, and left untouched", async (_what, change, reason) => {
  const text = change((await leftByKill()).toString());
  writeFileSync(file, text);
  const line = text.split("\n").findIndex((one) => one.startsWith('{"format"')) + 1;
  await expect(startLocalAws({ data: file })).rejects.toThrow(reason(line));
  await expect(startLocalAws({ data: file })).rejects.toThrow(UnusableAccountFileError);
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("all who wait for a write wait for one, and what changed nothing for none", async () => {
  const { accountFile, state } = await newFile();
  const written = jest.spyOn(handles, "appendFile");
  await accountFile.save();
  expect(written).not.toHaveBeenCalled();
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      addGroup(state, `group-${index}`);
      return accountFile.save();
    }),
  );
  // One began with the first caller.
  expect(written.mock.calls.length).toBeLessThanOrEqual(2);
  expect(groupsIn()).toHaveLength(50);
  await accountFile.close();
});

test("a MOCK call writes nothing", async () => {
  const aws = await startLocalAws({ data: file });
  try {
    const id = await deployMockApi(aws, "NONE");
    const written = jest.spyOn(handles, "appendFile");
    expect((await fetch(`${aws.endpoint}/_aws/execute-api/${id}/${MOCK_STAGE}/`)).status).toBe(200);
    expect(written).not.toHaveBeenCalled();
  } finally {
    await aws.stop();
  }
});

test("a full disk is told to whoever changes something, and what changed is written once there is room", async () => {
  const aws = await startLocalAws({ data: file });
  try {
    const client = new CloudWatchLogsClient({ ...aws, maxAttempts: 1 });
    const create = (logGroupName: string) => client.send(new CreateLogGroupCommand({ logGroupName }));
    await create("before");
    const full = fullDisk();
    await expect(create("one")).rejects.toMatchObject({ name: "InternalFailure" });
    await expect(create("two")).rejects.toMatchObject({ name: "InternalFailure" });
    expect(groupsIn()).toEqual(["before"]);
    full.mockRestore();
    await create("three");
    expect(groupsIn()).toEqual(["before", "one", "two", "three"]);
    expect(readdirSync(directory)).toEqual(["account.json", "account.json.lock"]);
  } finally {
    await aws.stop();
  }
});

test("a file that was removed or replaced meanwhile is written anew", async () => {
  const { accountFile, state } = await newFile();
  addGroup(state, "one");
  await accountFile.save();
  rmSync(file);
  addGroup(state, "two");
  await accountFile.save();
  expect(groupsIn()).toEqual(["one", "two"]);
  const copy = `${file}.copy`;
  copyFileSync(file, copy);
  rmSync(file);
  copyFileSync(copy, file);
  writeFileSync(file, "{}");
  addGroup(state, "three");
  await accountFile.save();
  expect(groupsIn()).toEqual(["one", "two", "three"]);
  await accountFile.close();
});

describe("grown above its limit", () => {
  const LINE = "x".repeat(64 * 1024);

  /** Changes something, again and again, until the lines have become JSON; has every change saved before the next. */
  async function changeUntilRenewed(
    { accountFile, state }: Awaited<ReturnType<typeof newFile>>,
    each: () => Promise<void> = async () => {},
  ): Promise<number> {
    const { ino } = statSync(file);
    for (let count = 0; count < 1000; count += 1) {
      if (statSync(file).ino !== ino) {
        return count;
      }
      addGroup(state, `group-${count}`, LINE);
      await accountFile.save();
      await each();
    }
    throw new Error("It was never written anew.");
  }

  test("it is written anew beside the answers, and holds every change at each moment", async () => {
    const account = await newFile();
    let saved = 0;
    const count = await changeUntilRenewed(account, async () => {
      saved += 1;
      expect(groupsIn()).toHaveLength(saved);
    });
    expect(count).toBeGreaterThan(16);
    // What came while it was being written are lines again.
    expect(readdirSync(directory)).toEqual(["account.json"]);
    expect(JSON.stringify(readAccount(file)?.state)).toBe(JSON.stringify(account.state));
    const again = await changeUntilRenewed(account);
    expect(again).toBeGreaterThan(16);
    await account.accountFile.close();
    expect(JSON.parse(readFileSync(file, "utf8")).state).toEqual(JSON.parse(JSON.stringify(account.state)));
  });

  test("a reset meanwhile leaves nothing of before", async () => {
    const { accountFile, state } = await newFile();
    const { size } = statSync(file);
    for (let count = 0; statSync(file).size < size + 17 * LINE.length; count += 1) {
      addGroup(state, `group-${count}`, LINE);
      await accountFile.save();
    }
    const anew = accountFile.keep(emptyAccountState());
    addGroup(anew, "after");
    addGroup(state, "late");
    await accountFile.save();
    expect(groupsIn()).toEqual(["after"]);
    await setImmediate();
    await accountFile.close();
    expect([groupsIn(), readdirSync(directory)]).toEqual([["after"], ["account.json"]]);
  });

  test("a disk that has no room for it keeps the lines", async () => {
    const account = await newFile();
    const { appendFile } = handles;
    const { ino, size } = statSync(file);
    jest.spyOn(handles, "appendFile").mockImplementation(async function (this: FileHandle, data, options) {
      // Its pieces are texts, the lines are bytes.
      if (typeof data === "string") {
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      }
      await appendFile.call(this, data, options);
    });
    for (let count = 0; count < 40; count += 1) {
      addGroup(account.state, `group-${count}`, LINE);
      await account.accountFile.save();
    }
    expect([statSync(file).ino, statSync(file).size > size + 40 * LINE.length]).toEqual([ino, true]);
    await expect(account.accountFile.close()).rejects.toThrow("ENOSPC");
    expect([groupsIn().length, readdirSync(directory)]).toEqual([40, ["account.json"]]);
  });
});
