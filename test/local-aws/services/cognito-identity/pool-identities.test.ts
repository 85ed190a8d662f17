/** Whatever is done to a pool's identities, they are found as a search through all of them would find them. */
import fc from "fast-check";
import type { Account } from "../../../../local-aws/account";
import { dictionary, reviveDictionary } from "../../../../local-aws/account/dictionary";
import { Live } from "../../../../local-aws/account/live";
import type { Identity, IdentityPool } from "../../../../local-aws/account/state/cognito-identity";
import { developerUserOperations } from "../../../../local-aws/services/cognito-identity/developer-users";
import { identityOperations } from "../../../../local-aws/services/cognito-identity/identity-operations";
import { identitiesOf } from "../../../../local-aws/services/cognito-identity/pool-identities";
import { publicLoginOperations } from "../../../../local-aws/services/cognito-identity/public-logins";
import type { Operation } from "../../../../local-aws/services/service";
import { ServiceError } from "../../../../local-aws/services/service-error";
import { bareAccount } from "../../../support/bare-account";
import { COGNITO, PROVIDER } from "../../../support/identity-account";

const POOL = "us-east-1:11111111-1111-4111-8111-111111111111";
const OPERATIONS = { ...developerUserOperations, ...identityOperations, ...publicLoginOperations };

/** One serves all accounts of this file: it takes a while to make. */
let signingKey: Account["state"]["cognitoIdentity"]["signingKey"];

beforeAll(async () => {
  const account = newAccount();
  await signIn(account, "ann");
  signingKey = account.state.cognitoIdentity.signingKey;
});

function newAccount(): Account {
  const now = new Date();
  const { account } = bareAccount({
    now: () => now,
    rootCredentials: { accessKeyId: "AKIAROOT", secretAccessKey: "root" },
  });
  account.state.cognitoIdentity.signingKey = signingKey;
  account.state.cognitoIdentity.pools[POOL] = {
    id: POOL,
    name: "a pool",
    allowUnauthenticatedIdentities: true,
    allowClassicFlow: false,
    developerProviderName: PROVIDER,
    supportedLoginProviders: dictionary(),
    openIdConnectProviderArns: [],
    samlProviderArns: [],
    cognitoIdentityProviders: [],
    tags: dictionary(),
    roles: dictionary(),
    roleMappings: dictionary(),
    identities: dictionary(),
  };
  return account;
}

const poolOf = ({ state }: Account) => state.cognitoIdentity.pools[POOL] as IdentityPool;
const all = (account: Account) => Object.values(poolOf(account).identities);

/** The operation's output; undefined when it is refused. */
async function run(account: Account, name: keyof typeof OPERATIONS, input: object) {
  const { input: schema, run } = OPERATIONS[name] as Operation<unknown>;
  try {
    return (await run({ account, input: schema.parse(input) } as never)) as Record<string, never> | undefined;
  } catch (error) {
    if (!(error instanceof ServiceError)) {
      throw error;
    }
    return undefined;
  }
}

const USERS = ["ann", "bob", "cy", "dee", "__proto__"];
const user = fc.constantFrom(...USERS);
/** Which of the identities that there are. */
const which = fc.nat();
type Step = (account: Account) => Promise<unknown>;

const at = (account: Account, place: number): Identity | undefined => {
  const identities = all(account);
  return identities[place % Math.max(1, identities.length)];
};
const idAt = (account: Account, place: number) => at(account, place)?.id ?? POOL;

const signIn = (account: Account, name: string, IdentityId?: string) =>
  run(account, "GetOpenIdTokenForDeveloperIdentity", {
    IdentityPoolId: POOL,
    Logins: dictionary([[PROVIDER, name]]),
    IdentityId,
  });

const step: fc.Arbitrary<Step> = fc.oneof(
  user.map(
    (name): Step =>
      (account) =>
        signIn(account, name),
  ),
  fc.tuple(user, which).map(
    ([name, place]): Step =>
      (account) =>
        signIn(account, name, idAt(account, place)),
  ),
  fc.constant<Step>((account) => run(account, "GetId", { IdentityPoolId: POOL })),
  fc.tuple(user, user).map(
    ([SourceUserIdentifier, DestinationUserIdentifier]): Step =>
      (account) =>
        run(account, "MergeDeveloperIdentities", {
          SourceUserIdentifier,
          DestinationUserIdentifier,
          DeveloperProviderName: PROVIDER,
          IdentityPoolId: POOL,
        }),
  ),
  fc.tuple(user, which).map(
    ([DeveloperUserIdentifier, place]): Step =>
      (account) =>
        run(account, "UnlinkDeveloperIdentity", {
          IdentityId: idAt(account, place),
          IdentityPoolId: POOL,
          DeveloperProviderName: PROVIDER,
          DeveloperUserIdentifier,
        }),
  ),
  user.map(
    (name): Step =>
      async (account) => {
        const { IdentityId, Token = "" } = (await signIn(account, name)) ?? {};
        const Logins = { [COGNITO]: Token };
        const unlinked = run(account, "UnlinkIdentity", { IdentityId, Logins, LoginsToRemove: [PROVIDER] });
        // While its token is verified, the identity goes, and the user is given another one.
        await run(account, "DeleteIdentities", { IdentityIdsToDelete: [IdentityId] });
        await Promise.all([signIn(account, name), unlinked]);
      },
  ),
  user.map(
    (name): Step =>
      async (account) => {
        const { IdentityId, Token = "" } = (await signIn(account, name)) ?? {};
        await run(account, "UnlinkIdentity", {
          IdentityId,
          Logins: { [COGNITO]: Token },
          LoginsToRemove: [PROVIDER],
        });
      },
  ),
  fc.array(which, { minLength: 1, maxLength: 3 }).map(
    (places): Step =>
      (account) =>
        run(account, "DeleteIdentities", {
          IdentityIdsToDelete: places.map((place) => idAt(account, place)),
        }),
  ),
  fc.constant<Step>(async (account) => {
    account.state = JSON.parse(JSON.stringify(account.state), reviveDictionary);
    account.live = new Live();
  }),
);

test("a user's identity is the one that a search finds, after any changes and a restart", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const account = newAccount();
      for (const one of steps) {
        await one(account);
        const identities = identitiesOf(account, poolOf(account));
        for (const name of USERS) {
          const searched = all(account).filter((identity) =>
            identity.developerUserIdentifiers.includes(name),
          );
          expect(searched.length).toBeLessThanOrEqual(1);
          expect(identities.ofUser(name)).toBe(searched[0]);
        }
      }
    }),
    { numRuns: 40 },
  );
});

const page = async (account: Account, MaxResults: number, NextToken?: string, HideDisabled = false) => {
  const output = await run(account, "ListIdentities", {
    IdentityPoolId: POOL,
    MaxResults,
    NextToken,
    HideDisabled,
  });
  const { Identities = [], NextToken: next } = output as {
    Identities?: { IdentityId: string }[];
    NextToken?: string;
  };
  return { ids: Identities.map(({ IdentityId }) => IdentityId), next };
};

test("pages go on behind what was given, whatever is created and deleted meanwhile", async () => {
  const count = fc.integer({ min: 1, max: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(count, fc.array(which, { maxLength: 9 }), fc.nat({ max: 4 })), { maxLength: 15 }),
      fc.nat({ max: 30 }),
      async (rounds, atFirst) => {
        const account = newAccount();
        const created: string[] = [];
        const create = async (number: number) => {
          for (let one = 0; one < number; one += 1) {
            created.push((await run(account, "GetId", { IdentityPoolId: POOL }))?.IdentityId ?? "");
          }
        };
        await create(atFirst);
        let token: string | undefined;
        let given = -1;
        for (const [size, deleted, added] of rounds) {
          const { ids, next } = await page(account, size, token);
          const behind = created.slice(given + 1).filter((id) => id in poolOf(account).identities);
          expect(ids).toEqual(behind.slice(0, size));
          expect(next !== undefined).toBe(behind.length > size);
          given = next === undefined ? -1 : created.indexOf(ids.at(-1) as string);
          token = next;
          for (const place of deleted) {
            await run(account, "DeleteIdentities", { IdentityIdsToDelete: [idAt(account, place)] });
          }
          await create(added);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("disabled identities are left out of pages without making them shorter", async () => {
  const account = newAccount();
  for (const name of ["a", "b", "c", "d", "e", "f"]) {
    await signIn(account, name);
  }
  for (const [SourceUserIdentifier, DestinationUserIdentifier] of [
    ["a", "b"],
    ["c", "d"],
    ["e", "f"],
  ]) {
    await run(account, "MergeDeveloperIdentities", {
      SourceUserIdentifier,
      DestinationUserIdentifier,
      DeveloperProviderName: PROVIDER,
      IdentityPoolId: POOL,
    });
  }
  const enabled = all(account).filter(({ disabled }) => !disabled);
  const first = await page(account, 2, undefined, true);
  const second = await page(account, 2, first.next, true);
  expect([...first.ids, ...second.ids]).toEqual(enabled.map(({ id }) => id));
  expect([first.ids.length, second.next]).toEqual([2, undefined]);
});
