/** Test servers listen on loopback, on a port that the system chooses. */
import type { AddressInfo, Server } from "node:net";

/** Returns the port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}
