/**
 * Who is named in whose access lists, for a whole site: the lists themselves lie in each owner's
 * mailbox, and nobody can open all of them to find those that name him. On the volume, so that
 * all workers of the site see it and no back end has to write to the directory:
 * `shares/<grantee>/<owner>`, empty files.
 *
 * It may name more than there is, never less: an entry comes before its right and goes after it.
 * What it says is looked up in the list. A volume that cannot be read keeps nobody from his own
 * mail: nothing is shared then.
 */
import { mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type AccountId, parseAccountId } from '@homeward/directory';

/** An account, or everybody (RFC 4314 §2). */
export type Grantee = AccountId | 'anyone';

/** How long one look into a folder of the volume is good for. */
const LISTED_MS = 1_000;
const LISTED_COUNT = 10_000;

export interface ShareIndexOptions {
  /** Must be there. */
  readonly volumeFolder: string;
  readonly elapsedMs: () => number;
  /** Told of what the volume refuses. */
  readonly onFault: (error: unknown) => void;
}

interface Listed {
  readonly owners: Promise<readonly AccountId[]>;
  readonly atMs: number;
}

export class ShareIndex {
  readonly #root: string;
  readonly #options: ShareIndexOptions;
  /** Oldest first. */
  readonly #listed = new Map<Grantee, Listed>();
  /** What is under way for each owner: two changes of one owner's lists must not cross. */
  readonly #queues = new Map<AccountId, Promise<unknown>>();

  constructor(options: ShareIndexOptions) {
    this.#root = join(options.volumeFolder, 'shares');
    this.#options = options;
  }

  listOwners(grantee: Grantee): Promise<readonly AccountId[]> {
    const nowMs = this.#options.elapsedMs();
    const known = this.#listed.get(grantee);
    if (known !== undefined && nowMs - known.atMs < LISTED_MS) return known.owners;
    const owners = this.#readOwners(grantee);
    this.#listed.delete(grantee);
    this.#listed.set(grantee, { owners, atMs: nowMs });
    const [oldest] = this.#listed.size > LISTED_COUNT ? this.#listed.keys() : [];
    if (oldest !== undefined) this.#listed.delete(oldest);
    return owners;
  }

  /** Durable when it resolves. Adding what is there changes nothing. @returns whether it is. */
  async add(owner: AccountId, grantee: Grantee): Promise<boolean> {
    const folder = join(this.#root, grantee);
    try {
      await mkdir(folder, { recursive: true });
      await (await open(join(folder, owner), 'a')).close();
      for (const path of [folder, this.#root]) await syncFolder(path);
    } catch (error) {
      this.#options.onFault(error);
      return false;
    }
    this.#listed.delete(grantee);
    return true;
  }

  /** What stays in spite of it does no harm. */
  async remove(owner: AccountId, grantee: Grantee): Promise<void> {
    try {
      await unlink(join(this.#root, grantee, owner));
    } catch (error) {
      if (!isMissing(error)) this.#options.onFault(error);
    }
    this.#listed.delete(grantee);
  }

  /** Runs one change of an owner's lists after the other. */
  inTurn<Value>(owner: AccountId, change: () => Promise<Value>): Promise<Value> {
    const before = this.#queues.get(owner) ?? Promise.resolve();
    const mine = before.then(change, change);
    this.#queues.set(owner, mine);
    const forget = (): void => {
      if (this.#queues.get(owner) === mine) this.#queues.delete(owner);
    };
    mine.then(forget, forget);
    return mine;
  }

  async #readOwners(grantee: Grantee): Promise<readonly AccountId[]> {
    try {
      const names = await readdir(join(this.#root, grantee));
      return names.flatMap((name) => parseAccountId(name) ?? []);
    } catch (error) {
      if (!isMissing(error)) this.#options.onFault(error);
      return [];
    }
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
