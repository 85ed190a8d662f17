// The package's types are as exact for its users as within it: what is wrong here must not compile.
import { parseOutputs, type Report, SettingsError, walkFlow } from "developer-authenticated-identities";
import { LocalAwsEnvironment } from "developer-authenticated-identities/jest";
import { type LocalAws, PortInUseError, startLocalAws } from "developer-authenticated-identities/local-aws";
import { NodeFunction } from "developer-authenticated-identities/modules/node-function";
import { RestApi } from "developer-authenticated-identities/modules/rest-api";

export async function use(): Promise<readonly string[]> {
  const aws: LocalAws = await startLocalAws({ region: "eu-central-1" });
  // @ts-expect-error A port is a number.
  await startLocalAws({ port: "4566" });
  const report: Report = await walkFlow({ deployment: parseOutputs({}, "here"), endpoint: aws.endpoint });
  // @ts-expect-error There is no other outcome.
  report.outcome satisfies "passed";
  // @ts-expect-error Without a deployment there is nothing to walk.
  await walkFlow({});
  // @ts-expect-error An endpoint is a text.
  localAws.endpoint satisfies number;
  return [SettingsError, PortInUseError, LocalAwsEnvironment, NodeFunction, RestApi].map(({ name }) => name);
}
