/**
 * What has changed in an account's state, known at the change itself: operations get the state through views (proxies), which
 * note where something is written. So that nothing can change unnoticed, nothing in the state is reached but through a view: what
 * is put into it is copied, and the original frozen, so that writing to it afterwards is an error and not a change that is lost.
 *
 * Records are noted member by member, lists element by element, and as a whole when they get shorter; what is in a list is frozen.
 */
import { dictionary } from "./dictionary";

type Path = readonly (string | number)[];

/**
 * What is at a path of the state now; without a value nothing is. The path's last part is a number in a list.
 * What was added is the last of its record: a copy that was made meanwhile may have what was added later already.
 */
export type Change = readonly [path: Path, value?: unknown, added?: true];

type Container = Record<string | symbol, unknown>;

/** A view answers it with what it is a view of; nothing else has such a member. */
const ORIGINAL = Symbol("original");

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

const original = (value: Container): Container => (value[ORIGINAL] as Container | undefined) ?? value;

export class Changes<State extends object> {
  /** The state as it may be changed. */
  readonly view: State;
  /** The state itself, for reading. */
  readonly state: State;
  /** By the path's JSON, in the order in which keys were added. */
  readonly #marks = new Map<string, { readonly path: Path; readonly added: boolean }>();
  /** By what they are views of, which stays where it is for as long as it is in the state. */
  readonly #views = new WeakMap<Container, Container>();

  /** @param state nobody else may hold it */
  constructor(state: State) {
    this.state = state;
    this.view = this.viewOf(state as Container) as State;
  }

  /** Whether there is anything to take. */
  get pending(): boolean {
    return this.#marks.size > 0;
  }

  /** The changes since the last call as a JSON list of `Change`; undefined when there are none. */
  take(): string | undefined {
    const changes: Change[] = [];
    for (const { path, added } of this.#marks.values()) {
      // A part of something that is told as a whole.
      if (path.some((_, length) => this.#marks.has(JSON.stringify(path.slice(0, length))))) {
        continue;
      }
      const value = valueAt(this.state, path);
      if (value === undefined) {
        changes.push([path]);
      } else {
        changes.push(added ? [path, value, true] : [path, value]);
      }
    }
    this.#marks.clear();
    return changes.length > 0 ? JSON.stringify(changes) : undefined;
  }

  /** @param owner the record or list that has the value under the key; none has the state */
  viewOf(value: Container, owner?: RecordHandler, key = ""): Container {
    const known = this.#views.get(value);
    if (known !== undefined) {
      return known;
    }
    const Handler = Array.isArray(value) ? ListHandler : RecordHandler;
    const view = new Proxy(value, new Handler(this, owner, key));
    this.#views.set(value, view);
    return view;
  }

  /** @param added whether the key was added to its record, or removed */
  mark(path: Path, added: boolean): void {
    const id = JSON.stringify(path);
    const wasAdded = this.#marks.get(id)?.added === true;
    if (added) {
      this.#marks.delete(id);
    }
    this.#marks.set(id, { path, added: added || wasAdded });
  }
}

/** Brings a state to where it was when the changes were taken, in the order in which they were. */
export function applyChange(state: object, [path, value, added]: Change): void {
  const record = valueAt(state, path.slice(0, -1));
  // Else a later change tells the whole record, or that it is gone.
  if (isContainer(record)) {
    const key = path.at(-1) as string;
    if (value === undefined || added) {
      delete record[key];
    }
    if (value !== undefined) {
      record[key] = value;
    }
  }
}

function valueAt(state: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (isContainer(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined),
    state,
  );
}

class RecordHandler implements ProxyHandler<Container> {
  constructor(
    readonly changes: Changes<object>,
    readonly owner: RecordHandler | undefined,
    readonly key: string,
  ) {}

  get path(): Path {
    return this.owner === undefined ? [] : [...this.owner.path, this.key];
  }

  get(record: Container, key: string | symbol): unknown {
    if (key === ORIGINAL) {
      return record;
    }
    const value = record[key];
    return isContainer(value) ? this.changes.viewOf(value, this, key as string) : value;
  }

  set(record: Container, key: string, value: unknown): boolean {
    const known = Object.hasOwn(record, key);
    if (known && record[key] === (isContainer(value) ? original(value) : value)) {
      return true;
    }
    record[key] = owned(value);
    this.changes.mark([...this.path, key], !known);
    return true;
  }

  deleteProperty(record: Container, key: string): boolean {
    if (Object.hasOwn(record, key)) {
      delete record[key];
      this.changes.mark([...this.path, key], true);
    }
    return true;
  }

  /** A way to write that nothing takes; it would go unnoticed. */
  defineProperty(): boolean {
    return false;
  }
}

class ListHandler extends RecordHandler {
  override get(list: Container, key: string | symbol): unknown {
    if (key === ORIGINAL) {
      return list;
    }
    const value = list[key];
    // Those that were read from a file aren't yet.
    return isContainer(value) ? frozen(value) : value;
  }

  override set(list: Container, key: string, value: unknown): boolean {
    if (Object.hasOwn(list, key) && list[key] === value) {
      return true;
    }
    const place = Number(key);
    const inPlace = place <= (list.length as number);
    list[key] = element(value);
    this.changes.mark(inPlace ? [...this.path, place] : this.path, false);
    return true;
  }

  override deleteProperty(list: Container, key: string): boolean {
    delete list[key];
    this.changes.mark(this.path, false);
    return true;
  }
}

/** The state's own copy. What was given is frozen, but for what is a part of the state itself. */
function owned(value: unknown, given = true): unknown {
  if (!isContainer(value)) {
    return value;
  }
  const source = original(value);
  const isGiven = given && source === value;
  if (isGiven) {
    Object.freeze(source);
  }
  if (Array.isArray(source)) {
    return source.map((member) => element(member, isGiven));
  }
  const members = Object.entries(source).map(([key, member]) => [key, owned(member, isGiven)] as const);
  return Object.getPrototypeOf(source) === null ? dictionary(members) : Object.fromEntries(members);
}

/** What is in a list: a copy, unless nobody can change it anyway. */
function element(value: unknown, given = true): unknown {
  return unchangeable(value) ? value : frozen(owned(value, given));
}

/** A view isn't: what it is a view of can change. */
function unchangeable(value: unknown): boolean {
  return !isContainer(value) || (Object.isFrozen(value) && Object.values(value).every(unchangeable));
}

function frozen(value: unknown): unknown {
  if (isContainer(value) && !Object.isFrozen(value)) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}
