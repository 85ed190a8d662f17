/** The key that signs tokens: ready before the first one, one for an account, and no other account's. */
import type { Account } from "../../../../local-aws/account";
import { reviveDictionary } from "../../../../local-aws/account/dictionary";
import { Live } from "../../../../local-aws/account/live";
import { prepareSigningKey } from "../../../../local-aws/services/cognito-identity/signing-key";
import {
  guestClaims,
  mintToken,
  publicKeys,
  verifyToken,
} from "../../../../local-aws/services/cognito-identity/token";
import { bareAccount } from "../../../support/bare-account";

const newAccount = () =>
  bareAccount({
    now: () => new Date(),
    rootCredentials: { accessKeyId: "AKIAROOT", secretAccessKey: "root" },
  }).account;

const CLAIMS = guestClaims("us-east-1:pool", "us-east-1:identity");
const mint = (account: Account) => mintToken(account, CLAIMS, 600);
const modulus = async (account: Account) => (await publicKeys(account)).keys[0]?.n;

test("whoever asks first, all get tokens of the one key", async () => {
  const account = newAccount();
  prepareSigningKey(account);
  const tokens = await Promise.all([mint(account), mint(account), mint(account)]);
  for (const token of tokens) {
    expect(await verifyToken(account, token)).toEqual(CLAIMS);
  }
  expect((await publicKeys(account)).keys).toHaveLength(1);
});

test("the key that was made ahead is one account's only", async () => {
  const [first, second] = [newAccount(), newAccount()];
  prepareSigningKey(first);
  prepareSigningKey(second);
  expect(first.state.cognitoIdentity.signingKey).toBeUndefined();
  const [one, other] = await Promise.all([modulus(first), modulus(second)]);
  expect(one).not.toBe(other);
  await expect(verifyToken(second, await mint(first))).rejects.toMatchObject({ reason: "signature" });
});

test("the key of an account that was kept signs on, and an emptied account has another", async () => {
  const account = newAccount();
  const [token, before] = [await mint(account), await modulus(account)];
  const { signingKey } = account.state.cognitoIdentity;
  account.state = JSON.parse(JSON.stringify(account.state), reviveDictionary);
  account.live = new Live();
  prepareSigningKey(account);
  expect(await verifyToken(account, token)).toEqual(CLAIMS);
  expect(await modulus(account)).toBe(before);
  expect(JSON.stringify(account.state.cognitoIdentity.signingKey)).toBe(JSON.stringify(signingKey));

  account.state = newAccount().state;
  expect(await modulus(account)).not.toBe(before);
  await expect(verifyToken(account, token)).rejects.toMatchObject({ reason: "signature" });
});
