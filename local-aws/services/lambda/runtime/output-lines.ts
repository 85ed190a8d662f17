/** What a function's process writes, cut into log events: one a line. */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A log event's largest size in CloudWatch Logs, characters here; a line without an end is cut. */
const LONGEST = 256 * 1024;

/** Calls back for each line. Within a line the runtime writes newlines as carriage returns. */
export function onLine(output: Readable, callback: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const take = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) {
      callback(line.replaceAll("\r", "\n"));
    }
    while (rest.length > LONGEST) {
      callback(rest.slice(0, LONGEST));
      rest = rest.slice(LONGEST);
    }
  };
  output.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
  const finish = () => {
    take(decoder.end());
    if (rest !== "") {
      callback(rest.replaceAll("\r", "\n"));
    }
    rest = "";
  };
  // An output that is given up has no end.
  output.on("end", finish).on("close", finish);
}
