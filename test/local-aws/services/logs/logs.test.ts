/** CloudWatch Logs through its client: groups, retention and tags; streams and events, written and read back. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutLogGroupDeletionProtectionCommand,
  PutRetentionPolicyCommand,
  paginateDescribeLogGroups,
  paginateDescribeLogStreams,
  paginateFilterLogEvents,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { type LocalAws, startLocalAws } from "../../../../local-aws";
import { failure } from "../../../support/lambda-account";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let aws: LocalAws;
let logs: CloudWatchLogsClient;
let now = Date.now();

beforeAll(async () => {
  aws = await startLocalAws({ now: () => new Date(now) });
  logs = new CloudWatchLogsClient({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: aws.credentials,
    maxAttempts: 1,
  });
});

afterAll(() => aws.stop());

const createGroup = (logGroupName: string) => logs.send(new CreateLogGroupCommand({ logGroupName }));
const createStream = (logGroupName: string, logStreamName: string) =>
  logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
const put = (logGroupName: string, logStreamName: string, events: [timestamp: number, message: string][]) =>
  logs.send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName,
      logEvents: events.map(([timestamp, message]) => ({ timestamp, message })),
    }),
  );

describe("groups", () => {
  const describe1 = async (logGroupNamePrefix: string) => {
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }));
    return logGroups[0];
  };

  test("live, with retention", async () => {
    await createGroup("/aws/lambda/hello");
    expect(await failure(createGroup("/aws/lambda/hello"))).toEqual({
      name: "ResourceAlreadyExistsException",
      status: 400,
      message: "The specified log group already exists",
    });
    const arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/hello";
    const group = {
      logGroupName: "/aws/lambda/hello",
      arn: `${arn}:*`,
      logGroupArn: arn,
      creationTime: now,
      metricFilterCount: 0,
      storedBytes: 0,
      logGroupClass: "STANDARD",
      deletionProtectionEnabled: false,
    };
    expect(await describe1("/aws/lambda/hello")).toEqual(group);
    const retain = (retentionInDays: number) =>
      logs.send(new PutRetentionPolicyCommand({ logGroupName: "/aws/lambda/hello", retentionInDays }));
    await retain(14);
    expect(await describe1("/aws/lambda/hello")).toEqual({ ...group, retentionInDays: 14 });
    expect(await failure(retain(15))).toMatchObject({ name: "InvalidParameterException", status: 400 });
    await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: "/aws/lambda/hello" }));
    expect(await describe1("/aws/lambda/hello")).toEqual(group);
    const remove = () => logs.send(new DeleteLogGroupCommand({ logGroupName: "/aws/lambda/hello" }));
    await remove();
    expect(await describe1("/aws/lambda/hello")).toBeUndefined();
    expect(await failure(remove())).toEqual({
      name: "ResourceNotFoundException",
      status: 400,
      message: "The specified log group does not exist.",
    });
  });

  test("can be protected from deletion", async () => {
    await createGroup("protected");
    const protect = (deletionProtectionEnabled: boolean) =>
      logs.send(
        new PutLogGroupDeletionProtectionCommand({
          logGroupIdentifier: "protected",
          deletionProtectionEnabled,
        }),
      );
    const remove = () => logs.send(new DeleteLogGroupCommand({ logGroupName: "protected" }));
    await protect(true);
    expect((await describe1("protected"))?.deletionProtectionEnabled).toBe(true);
    expect(await failure(remove())).toMatchObject({ name: "ValidationException" });
    await protect(false);
    await remove();
  });

  test("carry tags under their ARN without a star", async () => {
    await logs.send(new CreateLogGroupCommand({ logGroupName: "tagged", tags: { a: "1" } }));
    const resourceArn = "arn:aws:logs:us-east-1:123456789012:log-group:tagged";
    const tags = async () => (await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
    await logs.send(new TagResourceCommand({ resourceArn, tags: { b: "2", c: "" } }));
    expect(await tags()).toEqual({ a: "1", b: "2", c: "" });
    await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: ["a", "c"] }));
    expect(await tags()).toEqual({ b: "2" });
    expect(
      await failure(logs.send(new ListTagsForResourceCommand({ resourceArn: `${resourceArn}x` }))),
    ).toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("are listed in pages, by prefix or by part of the name", async () => {
    const names = Array.from({ length: 7 }, (_, index) => `/paged/${index}`);
    for (const name of [...names].reverse()) {
      await createGroup(name);
    }
    const found: (string | undefined)[] = [];
    for await (const page of paginateDescribeLogGroups(
      { client: logs, pageSize: 3 },
      { logGroupNamePrefix: "/paged" },
    )) {
      expect(page.logGroups?.length).toBeLessThanOrEqual(3);
      found.push(...(page.logGroups ?? []).map((group) => group.logGroupName));
    }
    expect(found).toEqual(names);
    const byPart = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: "aged/3" }));
    expect(byPart.logGroups?.map((group) => group.logGroupName)).toEqual(["/paged/3"]);
    const otherCase = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: "AGED/3" }));
    expect(otherCase.logGroups).toEqual([]);
    expect(
      await failure(
        logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: "a", logGroupNamePrefix: "b" })),
      ),
    ).toMatchObject({ name: "InvalidParameterException" });
    expect(await failure(logs.send(new DescribeLogGroupsCommand({ nextToken: "made-up" })))).toMatchObject({
      name: "InvalidParameterException",
    });
  });

  test.each([["with spaces"], ["*"], [""], ["x".repeat(513)]])("can't be named %j", async (name) => {
    expect(await failure(createGroup(name))).toMatchObject({
      name: "InvalidParameterException",
      status: 400,
    });
  });
});

describe("streams", () => {
  beforeAll(() => createGroup("streams"));

  test("live, in the order of their names or of their last events", async () => {
    for (const name of ["c", "a", "b"]) {
      await createStream("streams", name);
    }
    expect(await failure(createStream("streams", "a"))).toMatchObject({
      name: "ResourceAlreadyExistsException",
    });
    await put("streams", "a", [[now - 1000, "late"]]);
    await put("streams", "b", [
      [now - 3000, "early"],
      [now - 2000, "middle"],
    ]);
    now += 5;
    const list = async (input: Partial<ConstructorParameters<typeof DescribeLogStreamsCommand>[0]> = {}) => {
      const names: (string | undefined)[] = [];
      for await (const { logStreams = [] } of paginateDescribeLogStreams(
        { client: logs, pageSize: 2 },
        { logGroupName: "streams", ...input },
      )) {
        names.push(...logStreams.map((stream) => stream.logStreamName));
      }
      return names;
    };
    expect(await list()).toEqual(["a", "b", "c"]);
    expect(await list({ descending: true })).toEqual(["c", "b", "a"]);
    expect(await list({ logStreamNamePrefix: "b" })).toEqual(["b"]);
    expect(await list({ orderBy: "LastEventTime", descending: true })).toEqual(["c", "a", "b"]);
    expect(await failure(list({ orderBy: "LastEventTime", logStreamNamePrefix: "a" }))).toMatchObject({
      name: "InvalidParameterException",
    });
    const { logStreams } = await logs.send(
      new DescribeLogStreamsCommand({
        logGroupIdentifier: "arn:aws:logs:us-east-1:123456789012:log-group:streams",
        logStreamNamePrefix: "b",
      }),
    );
    expect(logStreams).toEqual([
      {
        logStreamName: "b",
        arn: "arn:aws:logs:us-east-1:123456789012:log-group:streams:log-stream:b",
        creationTime: now - 5,
        firstEventTimestamp: now - 3005,
        lastEventTimestamp: now - 2005,
        lastIngestionTime: now - 5,
        storedBytes: 0,
        uploadSequenceToken: expect.stringMatching(/^\d{56}$/),
      },
    ]);
    await logs.send(new DeleteLogStreamCommand({ logGroupName: "streams", logStreamName: "b" }));
    expect(await list()).toEqual(["a", "c"]);
    expect(await failure(put("streams", "b", [[now, "gone"]]))).toMatchObject({
      name: "ResourceNotFoundException",
      message: "The specified log stream does not exist.",
    });
  });
});

describe("events", () => {
  const messages = (events: { message?: string }[] = []) => events.map((event) => event.message);

  test("are read from either end, and a reader at the end waits with its token", async () => {
    await createGroup("reading");
    await createStream("reading", "s");
    const get = (input: Partial<ConstructorParameters<typeof GetLogEventsCommand>[0]> = {}) =>
      logs.send(new GetLogEventsCommand({ logGroupName: "reading", logStreamName: "s", ...input }));
    const start = now - MINUTE;
    const empty = await get();
    expect(empty.events).toEqual([]);
    await put(
      "reading",
      "s",
      [1, 2, 3, 4, 5].map((index) => [start + index, `m${index}`]),
    );
    expect(messages((await get({ nextToken: empty.nextForwardToken })).events)).toEqual([
      "m1",
      "m2",
      "m3",
      "m4",
      "m5",
    ]);

    const first = await get({ startFromHead: true, limit: 2 });
    expect(first.events).toEqual([
      { timestamp: start + 1, message: "m1", ingestionTime: now },
      { timestamp: start + 2, message: "m2", ingestionTime: now },
    ]);
    const second = await get({ nextToken: first.nextForwardToken, limit: 2 });
    expect(messages(second.events)).toEqual(["m3", "m4"]);
    expect(messages((await get({ nextToken: second.nextBackwardToken, limit: 1 })).events)).toEqual(["m2"]);

    const tail = await get({ limit: 2 });
    expect(messages(tail.events)).toEqual(["m4", "m5"]);
    expect(messages((await get({ nextToken: tail.nextBackwardToken, limit: 2 })).events)).toEqual([
      "m2",
      "m3",
    ]);
    const end = await get({ nextToken: tail.nextForwardToken });
    expect([end.events, end.nextForwardToken]).toEqual([[], tail.nextForwardToken]);
    await put("reading", "s", [[start + 6, "m6"]]);
    expect(messages((await get({ nextToken: end.nextForwardToken })).events)).toEqual(["m6"]);

    expect(messages((await get({ startTime: start + 2, endTime: start + 4 })).events)).toEqual(["m2", "m3"]);
    expect(await failure(get({ nextToken: "f/elsewhere" }))).toMatchObject({
      name: "InvalidParameterException",
    });
  });

  test("are searched across streams, in the order of time", async () => {
    await createGroup("searching");
    for (const stream of ["one", "two", "other"]) {
      await createStream("searching", stream);
    }
    const start = now - MINUTE;
    await put("searching", "one", [
      [start + 1, "ERROR disk full"],
      [start + 3, "INFO fine"],
    ]);
    await put("searching", "two", [
      [start + 2, "ERROR net down"],
      [start + 4, "WARN slow disk"],
    ]);
    await put("searching", "other", [[start + 2, "INFO same time"]]);
    const search = async (
      input: Partial<ConstructorParameters<typeof FilterLogEventsCommand>[0]> = {},
      pageSize = 2,
    ) => {
      const found: (string | undefined)[] = [];
      for await (const { events = [] } of paginateFilterLogEvents(
        { client: logs, pageSize },
        { logGroupName: "searching", ...input },
      )) {
        expect(events.length).toBeLessThanOrEqual(pageSize);
        found.push(...messages(events));
      }
      return found;
    };
    const all = ["ERROR disk full", "ERROR net down", "INFO same time", "INFO fine", "WARN slow disk"];
    expect(await search()).toEqual(all);
    expect(await search({}, 10)).toEqual(all);
    expect(await search({ logStreamNames: ["two"] })).toEqual(["ERROR net down", "WARN slow disk"]);
    expect(await search({ logStreamNamePrefix: "o" })).toEqual([
      "ERROR disk full",
      "INFO same time",
      "INFO fine",
    ]);
    expect(await search({ startTime: start + 2, endTime: start + 3 })).toEqual([
      "ERROR net down",
      "INFO same time",
      "INFO fine",
    ]);
    expect(await search({ filterPattern: "ERROR disk" })).toEqual(["ERROR disk full"]);
    expect(await search({ filterPattern: "disk -ERROR" })).toEqual(["WARN slow disk"]);
    expect(await search({ filterPattern: '?"net down" ?fine' })).toEqual(["ERROR net down", "INFO fine"]);
    expect(await search({ filterPattern: "error" })).toEqual([]);
    expect(await failure(search({ filterPattern: "{ $.level = 1 }" }))).toMatchObject({
      name: "InvalidParameterException",
    });
    expect(await failure(search({ logStreamNames: ["none"] }))).toMatchObject({
      name: "ResourceNotFoundException",
    });
    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: "searching", limit: 1 }));
    expect(events).toEqual([
      {
        logStreamName: "one",
        timestamp: start + 1,
        message: "ERROR disk full",
        ingestionTime: now,
        eventId: expect.stringMatching(/^\d{56}$/),
      },
    ]);
  });

  test("too old, too new, expired or out of order aren't taken", async () => {
    await createGroup("strict");
    await createStream("strict", "s");
    const rejected = async (times: number[]) =>
      (
        await put(
          "strict",
          "s",
          times.map((time) => [time, "x"]),
        )
      ).rejectedLogEventsInfo;
    expect(await rejected([now - 15 * DAY, now - 14 * DAY - 1])).toEqual({ tooOldLogEventEndIndex: 2 });
    expect(await rejected([now, now + 121 * MINUTE])).toEqual({ tooNewLogEventStartIndex: 1 });
    expect(await rejected([now])).toBeUndefined();
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: "strict", retentionInDays: 3 }));
    expect(await rejected([now - 3 * DAY - 1, now - 3 * DAY + MINUTE])).toEqual({
      expiredLogEventEndIndex: 1,
    });
    for (const times of [
      [now, now - 1],
      [now - DAY - 1, now],
    ]) {
      expect(await failure(rejected(times))).toMatchObject({ name: "InvalidParameterException" });
    }
    const { events } = await logs.send(
      new GetLogEventsCommand({ logGroupName: "strict", logStreamName: "s" }),
    );
    expect(events?.map((event) => event.timestamp)).toEqual([now - 3 * DAY + MINUTE, now, now]);
    expect(await failure(put("strict", "s", [[now, "x".repeat(1_048_551)]]))).toMatchObject({
      name: "InvalidParameterException",
      message: "Upload too large: 1048577 bytes exceeds limit of 1048576",
    });
  });

  test("are forgotten after the group's retention", async () => {
    await createGroup("forgetful");
    await createStream("forgetful", "s");
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: "forgetful", retentionInDays: 1 }));
    await put("forgetful", "s", [[now, "old"]]);
    now += DAY + 1;
    // The client corrects its clock by every answer's date, which is the machine's.
    logs.config.systemClockOffset = DAY + 1;
    await put("forgetful", "s", [[now, "new"]]);
    logs.config.systemClockOffset = DAY + 1;
    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: "forgetful" }));
    expect(messages(events)).toEqual(["new"]);
  });

  test("expired ones are gone with the next write, whichever stream it goes to", async () => {
    await createGroup("swept");
    for (const name of ["a", "b"]) {
      await createStream("swept", name);
    }
    await put("swept", "a", [[now, "old"]]);
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: "swept", retentionInDays: 1 }));
    now += 2 * DAY;
    const ahead = now - Date.now();
    logs.config.systemClockOffset = ahead;
    await put("swept", "b", [[now, "new"]]);
    logs.config.systemClockOffset = ahead;
    await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: "swept" }));
    logs.config.systemClockOffset = ahead;
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: "swept" }));
    expect(events.map(({ message }) => message)).toEqual(["new"]);
  });

  test("a group keeps 32 MB of them: the oldest go first, in whichever stream they are", async () => {
    await createGroup("flooded");
    const streams = ["a", "b", "c"];
    for (const name of streams) {
      await createStream("flooded", name);
    }
    const text = "x".repeat(1_000_000);
    for (let time = 0; time < 40; time++) {
      await put("flooded", streams[time % 3] as string, [[now + time, `${time} ${text}`]]);
    }
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "flooded" }));
    expect(logGroups?.[0]?.storedBytes).toBeLessThan(32 * 1024 * 1024);
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: "flooded" }));
    const times = events.map(({ message = "" }) => Number.parseInt(message, 10));
    expect(times).toEqual(Array.from({ length: times.length }, (_, index) => 40 - times.length + index));
    expect(times.length).toBeGreaterThan(25);
    await logs.send(new DeleteLogGroupCommand({ logGroupName: "flooded" }));
  });

  test("a group keeps its thousand newest streams", async () => {
    await createGroup("many");
    for (let index = 0; index < 1_001; index++) {
      now += 1;
      await createStream("many", `stream-${index}`);
    }
    expect(await failure(put("many", "stream-0", [[now, "late"]]))).toMatchObject({
      name: "ResourceNotFoundException",
    });
    await put("many", "stream-1", [[now, "in time"]]);
  });
});

test("groups, streams and tags may be called what objects know", async () => {
  for (const name of ["__proto__", "constructor"]) {
    const tags = Object.fromEntries([[name, "kept"]]);
    await logs.send(new CreateLogGroupCommand({ logGroupName: name, tags }));
    await createStream(name, name);
    await put(name, name, [[now, "hello"]]);
    const resourceArn = `arn:aws:logs:us-east-1:123456789012:log-group:${name}`;
    const listed = await logs.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(Object.entries(listed.tags ?? {})).toEqual([[name, "kept"]]);
    const { events = [] } = await logs.send(
      new GetLogEventsCommand({ logGroupName: name, logStreamName: name }),
    );
    expect(events.map(({ message }) => message)).toEqual(["hello"]);
  }
});
