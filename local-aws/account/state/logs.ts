/** What CloudWatch Logs holds. Events are kept per stream in the order of their timestamps. */
import { type Dictionary, dictionary } from "../dictionary";

export interface LogsState {
  /** By name. */
  groups: Dictionary<LogGroup>;
}

export interface LogGroup {
  /** Epoch milliseconds. */
  createdAt: number;
  /** Days; absent when events never expire. */
  retentionInDays?: number;
  logGroupClass: "STANDARD" | "INFREQUENT_ACCESS" | "DELIVERY";
  deletionProtected: boolean;
  tags: Dictionary<string>;
  /** By name. */
  streams: Dictionary<LogStream>;
}

export interface LogStream {
  /** Epoch milliseconds. */
  createdAt: number;
  events: LogEvent[];
  /** Of the events, as CloudWatch Logs counts them. Absent when they have to be counted anew. */
  bytes?: number;
}

export interface LogEvent {
  /** Unique within the account. */
  id: string;
  /** When it happened, epoch milliseconds. */
  timestamp: number;
  /** When it arrived, epoch milliseconds. */
  ingestedAt: number;
  message: string;
}

export function emptyLogsState(): LogsState {
  return { groups: dictionary() };
}
