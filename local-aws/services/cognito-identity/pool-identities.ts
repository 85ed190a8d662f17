/**
 * A pool's identities by developer user and in pages. All that is changed about which there are, and whose, is changed here: what
 * they are found by is derived from the state, and nothing has to look through all of them.
 */
import type { Account } from "../../account";
import type { LiveKind } from "../../account/live";
import type { Identity, IdentityPool } from "../../account/state/cognito-identity";
import { partitionPoint } from "../partition-point";

export class PoolIdentities {
  readonly #identities: IdentityPool["identities"];
  /** Ids, since what is in a state is reached through the state alone. */
  readonly #byUser = new Map<string, string>();
  /** Ids in the order created. Those of deleted ones stay until they are the most. */
  #listed: string[] = [];
  /** The place of each of the listed in the order of all that were ever created, which page tokens name. */
  #places: number[] = [];
  #nextPlace = 0;
  #deleted = 0;

  /** Of a pool that comes from a file, all are looked through once. */
  constructor({ identities }: IdentityPool) {
    this.#identities = identities;
    for (const identity of Object.values(identities)) {
      this.#list(identity.id);
      for (const user of identity.developerUserIdentifiers) {
        this.#byUser.set(user, identity.id);
      }
    }
  }

  ofUser(user: string): Identity | undefined {
    const id = this.#byUser.get(user);
    return id === undefined ? undefined : this.#identities[id];
  }

  /** Returns the identity as the state has it. */
  add(identity: Identity): Identity {
    const { id } = identity;
    this.#identities[id] = identity;
    this.#list(id);
    return this.#identities[id] as Identity;
  }

  /** Does nothing when there is no such identity. */
  delete(id: string): void {
    const identity = this.#identities[id];
    if (identity === undefined) {
      return;
    }
    this.#forget(identity.developerUserIdentifiers, identity);
    delete this.#identities[id];
    this.#deleted += 1;
    if (this.#deleted > this.#listed.length / 2) {
      this.#compact();
    }
  }

  /** Links a user, who must be nobody else's, to an identity of the pool. */
  link(identity: Identity, user: string): void {
    // A list that is pushed to keeps room for sixteen more.
    identity.developerUserIdentifiers = identity.developerUserIdentifiers.concat(user);
    this.#byUser.set(user, identity.id);
  }

  /** Unlinks users from an identity, which may have been deleted meanwhile. */
  unlink(identity: Identity, users: readonly string[]): void {
    this.#forget(users, identity);
    identity.developerUserIdentifiers = identity.developerUserIdentifiers.filter(
      (user) => !users.includes(user),
    );
  }

  /**
   * At most so many identities, in the order created, from a place on; and the place where the next page starts, if there is one.
   *
   * @param shown which of them count
   */
  page(
    place: number,
    size: number,
    shown: (identity: Identity) => boolean,
  ): { page: Identity[]; next: number | undefined } {
    const page: Identity[] = [];
    const first = partitionPoint(this.#places, (known) => known < place);
    for (let index = first; index < this.#listed.length; index += 1) {
      const identity = this.#identities[this.#listed[index] as string];
      if (identity === undefined || !shown(identity)) {
        continue;
      }
      if (page.length === size) {
        return { page, next: this.#places[index] };
      }
      page.push(identity);
    }
    return { page, next: undefined };
  }

  #list(id: string): void {
    this.#listed.push(id);
    this.#places.push(this.#nextPlace);
    this.#nextPlace += 1;
  }

  #forget(users: readonly string[], { id }: Identity): void {
    for (const user of users) {
      if (this.#byUser.get(user) === id) {
        this.#byUser.delete(user);
      }
    }
  }

  #compact(): void {
    const kept = this.#listed.map((id) => id in this.#identities);
    this.#listed = this.#listed.filter((_, index) => kept[index]);
    this.#places = this.#places.filter((_, index) => kept[index]);
    this.#deleted = 0;
  }
}

/** Pools are told apart as objects, so that what belongs to a deleted one goes with it. */
const IDENTITIES: LiveKind<WeakMap<IdentityPool, PoolIdentities>> = { make: () => new WeakMap() };

export function identitiesOf(account: Account, pool: IdentityPool): PoolIdentities {
  const known = account.live.part(IDENTITIES);
  let identities = known.get(pool);
  if (identities === undefined) {
    identities = new PoolIdentities(pool);
    known.set(pool, identities);
  }
  return identities;
}
