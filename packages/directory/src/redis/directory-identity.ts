/**
 * Which directory it is that Redis has: a random id, written when the directory was founded. A
 * process that has seen one takes no other for it, and no empty Redis: an account that is not
 * there then would be one that was lost, and its owner would hear of a wrong password.
 *
 * Releases before this one wrote no id. Where there are sites and none, a process that knows one
 * gives it that (a server took over that had not heard of it yet), others a new one.
 */
import { randomBytes } from 'node:crypto';
import { SCHEMA_VERSION, type KeyLayout } from './key-layout.ts';
import { evalScript, type RedisClient } from './redis-link.ts';
import { CLAIM_DIRECTORY } from './scripts.ts';

/** Why it cannot be used. The first word of each is for machines, and stays as it is. */
const PROBLEMS = {
  empty:
    'directory-empty: Redis has no directory; restore it, or found one by homeward init (with --new-directory where there was one)',
  lost: 'directory-empty: Redis has lost the directory; restore it, or found another by homeward init --new-directory and restart this process',
  other:
    'directory-replaced: Redis has another directory than this process knows; restore that one, or restart this process to take the other',
} as const;

export class DirectoryIdentity {
  readonly #keys: KeyLayout;
  readonly #foundsWhenEmpty: boolean;
  #knownId: string | undefined;

  constructor(keys: KeyLayout, foundsWhenEmpty: boolean) {
    this.#keys = keys;
    this.#foundsWhenEmpty = foundsWhenEmpty;
  }

  /** @param id As Redis has it. @returns Whether it is the one that was seen first. */
  isKnown(id: string | null | undefined): boolean {
    return this.#knownId !== undefined && id === this.#knownId;
  }

  /**
   * Looks whether the directory is the one that is known, and takes the first that it meets. What
   * an earlier release left is upgraded; what a later one made is not touched.
   *
   * @returns Why it cannot be used; undefined: it can.
   */
  async findProblem(client: RedisClient): Promise<string | undefined> {
    const known = this.#knownId;
    const mayFound = this.#foundsWhenEmpty && known === undefined;
    const answer = await evalScript(
      client,
      CLAIM_DIRECTORY,
      [this.#keys.schema, this.#keys.directoryId, this.#keys.sites],
      [
        SCHEMA_VERSION,
        known ?? '',
        known ?? randomBytes(12).toString('base64url'),
        mayFound ? 'found' : '',
      ],
    );
    const [word, value] = answer as readonly unknown[];
    switch (word) {
      case 'ok':
        // Another check may have been first.
        this.#knownId ??= String(value);
        return this.isKnown(String(value)) ? undefined : PROBLEMS.other;
      case 'later-schema':
        return `its data has schema ${String(value)}, this release works with ${SCHEMA_VERSION}`;
      case 'empty':
        return known === undefined ? PROBLEMS.empty : PROBLEMS.lost;
      default:
        return PROBLEMS.other;
    }
  }
}
