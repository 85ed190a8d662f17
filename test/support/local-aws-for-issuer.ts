/**
 * Local AWS in a process of its own, for which every https host is at a port of loopback: issuers have no port in their URLs, and
 * Node reads whom it trusts (`NODE_EXTRA_CA_CERTS`) when it starts. Its first line is the environment to use it with.
 */
import { connect } from "node:tls";
import { Agent, setGlobalDispatcher } from "undici";
import { startLocalAws } from "../../local-aws";

const port = Number(process.argv[2]);

setGlobalDispatcher(
  new Agent({
    connect: ({ hostname }, callback) => {
      const socket = connect({ host: "127.0.0.1", port, servername: hostname });
      socket.once("error", (error) => callback(error, null));
      socket.once("secureConnect", () => callback(null, socket));
    },
  }),
);

void startLocalAws().then(({ environment }) => console.log(JSON.stringify(environment)));
