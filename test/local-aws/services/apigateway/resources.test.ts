import {
  CreateResourceCommand,
  DeleteResourceCommand,
  GetResourceCommand,
  GetResourcesCommand,
  UpdateResourceCommand,
} from "@aws-sdk/client-api-gateway";
import { ApiGatewayAccount, refusal, replace } from "../../../support/apigateway-account";

let account: ApiGatewayAccount;

beforeAll(async () => {
  account = await ApiGatewayAccount.start();
});

afterAll(() => account.stop());

describe("resources", () => {
  test("form a tree that is moved and deleted with its branches", async () => {
    const { restApiId, root } = await account.newApi();
    const users = await account.client.send(
      new CreateResourceCommand({ restApiId, parentId: root, pathPart: "users" }),
    );
    const user = await account.client.send(
      new CreateResourceCommand({ restApiId, parentId: users.id, pathPart: "{user}" }),
    );
    expect(user).toMatchObject({ parentId: users.id, pathPart: "{user}", path: "/users/{user}" });
    await account.client.send(
      new UpdateResourceCommand({
        restApiId,
        resourceId: users.id,
        patchOperations: [replace("/pathPart", "people")],
      }),
    );
    expect((await account.client.send(new GetResourceCommand({ restApiId, resourceId: user.id }))).path).toBe(
      "/people/{user}",
    );
    const below = [replace("/parentId", user.id as string)];
    expect(
      (
        await refusal(
          account.client.send(
            new UpdateResourceCommand({ restApiId, resourceId: users.id, patchOperations: below }),
          ),
        )
      )[0],
    ).toBe("BadRequestException");
    await account.client.send(new DeleteResourceCommand({ restApiId, resourceId: users.id }));
    expect(
      await refusal(account.client.send(new GetResourceCommand({ restApiId, resourceId: user.id }))),
    ).toEqual(["NotFoundException", 404, "Invalid Resource identifier specified"]);
  });

  test("show their methods when asked to", async () => {
    const { restApiId, root } = await account.newDeployedApi();
    const brief = await account.client.send(new GetResourcesCommand({ restApiId }));
    expect(brief.items?.[0]?.resourceMethods).toEqual({ GET: {} });
    const whole = await account.client.send(
      new GetResourceCommand({ restApiId, resourceId: root, embed: ["methods"] }),
    );
    expect(whole.resourceMethods?.GET).toMatchObject({
      authorizationType: "NONE",
      methodIntegration: { type: "MOCK" },
    });
  });

  test("refuse what the tree has no room for", async () => {
    const { restApiId, root } = await account.newApi();
    const create = (pathPart: string, parentId = root) =>
      account.client.send(new CreateResourceCommand({ restApiId, parentId, pathPart }));
    await create("{id}");
    const users = await create("users");
    const greedy = await create("{proxy+}", users.id);
    expect(await refusal(create("users"))).toEqual([
      "ConflictException",
      409,
      "Another resource with the same parent already has this name: users",
    ]);
    for (const variable of ["{other}", "{proxy+}"]) {
      expect((await refusal(create(variable)))[2]).toBe(
        "A sibling ({id}) of this resource already has a variable path part -- only one is allowed",
      );
    }
    expect((await refusal(create("below", greedy.id)))[2]).toBe(
      "Cannot create a child of a resource with a greedy path variable: {proxy+}",
    );
    for (const pathPart of ["a/b", "{", "{}", "{a", "a b", "{a}{b}", "{+}", "x{y}"]) {
      expect([pathPart, (await refusal(create(pathPart)))[2]]).toEqual([
        pathPart,
        expect.stringContaining("Resource's path part only allow a-zA-Z0-9._-:"),
      ]);
    }
    expect(
      (await refusal(account.client.send(new DeleteResourceCommand({ restApiId, resourceId: root }))))[0],
    ).toBe("BadRequestException");
    expect((await refusal(create("x", "constructor")))[0]).toBe("NotFoundException");
  });
});
