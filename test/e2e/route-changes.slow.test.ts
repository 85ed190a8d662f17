/** Every change of an API's routes by real Terraform: after one apply the stage serves exactly the new ones. */
import { setTimeout as sleep } from "node:timers/promises";
import { GetResourcesCommand, UpdateMethodCommand } from "@aws-sdk/client-api-gateway";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { createWorkspace, type Workspace } from "../../scripts/workspace";
import type { RestApiProps } from "../../stacks/modules/rest-api";
import { Caller } from "./life-cycle/caller";
import { Clients } from "./life-cycle/clients";
import { type DeclaredRoute, RoutedStack, STAGE } from "./route-changes/routed-stack";

jest.setTimeout(600_000);

let account: LocalAws;
let workspace: Workspace;
let clients: Clients;
let caller: Caller;
let stack: RoutedStack;

beforeAll(async () => {
  account = await startLocalAws();
  workspace = createWorkspace();
  clients = new Clients(account);
  caller = new Caller(account);
  stack = new RoutedStack(workspace, account);
});

afterAll(async () => {
  clients?.close();
  await caller?.close();
  workspace?.remove();
  await account?.stop();
});

const GET_ORDER: DeclaredRoute = { method: "GET", path: "/orders/{id}" };
const GET_ORDERS: DeclaredRoute = { method: "GET", path: "/orders" };
const POST_ORDERS: DeclaredRoute = { method: "POST", path: "/orders" };
const GET_BASKET: DeclaredRoute = { method: "GET", path: "/basket" };
const RENAMED_ORDER: DeclaredRoute = { method: "GET", path: "/orders/{orderId}" };

/** What is called after every change. */
const PROBES = ["GET /orders", "POST /orders", "GET /orders/7", "GET /basket", "GET /cart"] as const;

const NOT_SERVED = "403 Missing Authentication Token";

function served(resource: string, parameters: Record<string, string> | null = null): string {
  return `200 ${JSON.stringify({ resource, parameters })}`;
}

interface Change {
  readonly name: string;
  readonly routes: readonly DeclaredRoute[];
  readonly props?: Partial<RestApiProps>;
  /** The answers to signed calls; a probe that isn't named is not served. */
  readonly answers: Partial<Record<(typeof PROBES)[number], string>>;
  /** Routes that answer without a signature. */
  readonly open?: readonly string[];
  readonly allowedOrigin?: string;
}

const CHANGES: readonly Change[] = [
  {
    name: "create",
    routes: [GET_ORDERS, GET_ORDER],
    answers: { "GET /orders": served("/orders"), "GET /orders/7": served("/orders/{id}", { id: "7" }) },
  },
  {
    name: "add a route and a method",
    routes: [GET_ORDERS, GET_ORDER, POST_ORDERS, GET_BASKET],
    answers: {
      "GET /orders": served("/orders"),
      "POST /orders": served("/orders"),
      "GET /orders/7": served("/orders/{id}", { id: "7" }),
      "GET /basket": served("/basket"),
    },
  },
  {
    name: "remove a method",
    routes: [GET_ORDERS, GET_ORDER, GET_BASKET],
    answers: {
      "GET /orders": served("/orders"),
      "GET /orders/7": served("/orders/{id}", { id: "7" }),
      "GET /basket": served("/basket"),
    },
  },
  {
    name: "rename a route",
    routes: [GET_ORDERS, GET_ORDER, { method: "GET", path: "/cart" }],
    answers: {
      "GET /orders": served("/orders"),
      "GET /orders/7": served("/orders/{id}", { id: "7" }),
      "GET /cart": served("/cart"),
    },
  },
  {
    name: "rename a parameter, remove a route",
    routes: [GET_ORDERS, RENAMED_ORDER],
    answers: {
      "GET /orders": served("/orders"),
      "GET /orders/7": served("/orders/{orderId}", { orderId: "7" }),
    },
  },
  {
    name: "change the authorization",
    routes: [{ ...GET_ORDERS, authorization: "NONE" }, RENAMED_ORDER],
    answers: {
      "GET /orders": served("/orders"),
      "GET /orders/7": served("/orders/{orderId}", { orderId: "7" }),
    },
    open: ["GET /orders"],
  },
  {
    name: "change it back, with CORS",
    routes: [GET_ORDERS, RENAMED_ORDER],
    props: { allowedOrigin: "https://first.example" },
    answers: {
      "GET /orders": served("/orders"),
      "GET /orders/7": served("/orders/{orderId}", { orderId: "7" }),
    },
    allowedOrigin: "https://first.example",
  },
  {
    name: "change CORS",
    routes: [GET_ORDERS, RENAMED_ORDER],
    props: { allowedOrigin: "https://second.example" },
    answers: {
      "GET /orders": served("/orders"),
      "GET /orders/7": served("/orders/{orderId}", { orderId: "7" }),
    },
    allowedOrigin: "https://second.example",
  },
  {
    name: "a resource policy, and a change of the routes under it",
    routes: [GET_ORDERS, GET_ORDER],
    props: { policy: denying("GET/orders") },
    answers: {
      "GET /orders": "403 denied",
      "GET /orders/7": served("/orders/{id}", { id: "7" }),
    },
  },
  {
    name: "the routes, with the resource policy as it was",
    routes: [GET_ORDERS, GET_ORDER, GET_BASKET],
    props: { policy: denying("GET/orders") },
    answers: {
      "GET /orders": "403 denied",
      "GET /orders/7": served("/orders/{id}", { id: "7" }),
      "GET /basket": served("/basket"),
    },
  },
];

/** A resource policy that lets everybody in but for one route. */
function denying(route: string): string {
  const api = "arn:aws:execute-api:us-east-1:*:*";
  const anybody = { Principal: "*", Action: "execute-api:Invoke" };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", ...anybody, Resource: `${api}/*` },
      { Effect: "Deny", ...anybody, Resource: `${api}/*/${route}` },
    ],
  });
}

async function answer(apiId: string, probe: string, signed: boolean): Promise<string> {
  const [method, route] = probe.split(" ");
  const { status, text } = await caller.call(apiId, method as "GET", `/${STAGE}${route}`, signed);
  if (status === 200) {
    return `200 ${text}`;
  }
  const { message = "", Message = "" } = JSON.parse(text);
  return `${status} ${/explicit deny/.test(Message) ? "denied" : message}`;
}

async function observe(apiId: string) {
  const answers: Record<string, string> = {};
  const open: string[] = [];
  for (const probe of PROBES) {
    answers[probe] = await answer(apiId, probe, true);
    if ((await answer(apiId, probe, false)).startsWith("200")) {
      open.push(probe);
    }
  }
  const preflight = await caller.call(apiId, "OPTIONS", `/${STAGE}/orders`);
  return { answers, open, allowedOrigin: preflight.headers["access-control-allow-origin"] };
}

test("each change takes one apply, after which a plan is empty", async () => {
  for (const { name, routes, props, answers, open = [], allowedOrigin } of CHANGES) {
    const apiId = await stack.apply(routes, props);
    const declared = { ...Object.fromEntries(PROBES.map((probe) => [probe, NOT_SERVED])), ...answers };
    expect({ name, plan: await stack.plan(), ...(await observe(apiId)) }).toEqual({
      name,
      plan: undefined,
      answers: declared,
      open,
      allowedOrigin,
    });
  }
});

test("a route opened by hand isn't seen by a plan nor served, and is closed by the next change", async () => {
  const apiId = await stack.apply([GET_ORDERS]);
  const { items = [] } = await clients.gateway.send(new GetResourcesCommand({ restApiId: apiId }));
  await clients.gateway.send(
    new UpdateMethodCommand({
      restApiId: apiId,
      resourceId: items.find(({ path }) => path === "/orders")?.id,
      httpMethod: "GET",
      patchOperations: [{ op: "replace", path: "/authorizationType", value: "NONE" }],
    }),
  );
  expect(await stack.plan()).toBeUndefined();
  expect((await observe(apiId)).open).toEqual([]);
  await stack.apply([GET_ORDERS, GET_BASKET]);
  expect((await observe(apiId)).open).toEqual([]);
});

test("no call fails while a parameter is renamed", async () => {
  const apiId = await stack.apply([GET_ORDER]);
  const statuses = new Set<number>();
  let applied = false;
  const calling = (async () => {
    while (!applied) {
      statuses.add((await caller.call(apiId, "GET", `/${STAGE}/orders/7`, true)).status);
      // Below the stage's throttling.
      await sleep(50);
    }
  })();
  await stack.apply([RENAMED_ORDER]);
  applied = true;
  await calling;
  expect([...statuses]).toEqual([200]);
  expect((await observe(apiId)).answers["GET /orders/7"]).toBe(served("/orders/{orderId}", { orderId: "7" }));
});

describe("200 routes", () => {
  const routes = Array.from({ length: 200 }, (_, index): DeclaredRoute => {
    return { method: "GET", path: `/area-${index % 20}/{id}/part-${index}` };
  });

  /** `PUT /restapis/ID`, for what was asked of the control plane since then. */
  function controlPlaneChanges(since: Date): string[] {
    const decisions = account.decisions().filter(({ at }) => at >= since.toISOString());
    return decisions.flatMap(({ subject }) => {
      const [, verb, path] =
        /→ apigateway:(POST|PUT|PATCH|DELETE) on arn:aws:apigateway:[^:]*::(\S+)$/.exec(subject) ?? [];
      return verb === undefined ? [] : [`${verb} ${path}`];
    });
  }

  test("are put with one call, and all are served; so is one more", async () => {
    await stack.apply([GET_ORDERS]);
    const began = new Date();
    const apiId = await stack.apply(routes);
    expect(await stack.plan()).toBeUndefined();
    const changes = controlPlaneChanges(began);
    expect(changes.filter((change) => change === `PUT /restapis/${apiId}`)).toHaveLength(1);
    expect(changes.filter((change) => change.includes("/resources"))).toEqual([]);
    const answers = await Promise.all(
      routes.map(({ path }) => caller.call(apiId, "GET", `/${STAGE}${path.replace("{id}", "7")}`, true)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await stack.apply([...routes, GET_BASKET]);
    expect((await observe(apiId)).answers["GET /basket"]).toBe(served("/basket"));
  });
});

test("destroys everything", async () => {
  await stack.destroy();
  expect(account.resources()).toEqual([]);
});
