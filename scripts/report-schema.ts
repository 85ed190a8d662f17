/** `npm run report-schema`: writes the schema of report.json where it is published. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { reportJsonSchema } from "../harness/report";

writeFileSync(join(__dirname, "../harness/report.schema.json"), reportJsonSchema());
