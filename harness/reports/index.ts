/** The formats of a report, and what writes them all. */
export { htmlReport } from "./html/page";
export { jsonReport } from "./json";
export { junitReport } from "./junit";
export { summaryReport } from "./summary";
export { makeReportDirectory, type WriteOptions, type WrittenReports, writeReports } from "./write";
