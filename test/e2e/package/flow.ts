// What a user of the package writes to walk a deployment.
import { readOutputs, walkFlow } from "developer-authenticated-identities";

walkFlow({ deployment: readOutputs("outputs.json") }).then(({ outcome, steps }) => {
  console.log(outcome, steps.map(({ name }) => name).join(" "));
});
