/**
 * Where an import puts mail: an account's mailbox, by way of its owner. It knows the folders that
 * are there, makes those that are missing, and connects anew when the owner hung up.
 */
import { formatMailbox } from '@homeward/imap/grammar';
import { OperatorError } from '../output/operator-error.ts';
import { parseListLine } from '../owner/list-line.ts';
import type { OwnerConnection } from '../owner/owner-connection.ts';
import { AppendWindow } from './append-window.ts';

/** Call `close` in the end. */
export class ImportTarget {
  readonly #connect: () => Promise<OwnerConnection>;
  #connection: OwnerConnection;
  readonly #paths = new Set<string>();
  readonly #pathByUse = new Map<string, string>();

  private constructor(connect: () => Promise<OwnerConnection>, connection: OwnerConnection) {
    this.#connect = connect;
    this.#connection = connection;
  }

  /** @throws OperatorError if the site is away or refuses. */
  static async open(connect: () => Promise<OwnerConnection>): Promise<ImportTarget> {
    const target = new ImportTarget(connect, await connect());
    try {
      await target.#list();
      return target;
    } catch (error) {
      await target.close();
      throw error;
    }
  }

  /** The folder for each special use that has one. */
  get pathByUse(): ReadonlyMap<string, string> {
    return this.#pathByUse;
  }

  /** The largest message that the site takes, if it says so (RFC 7889). */
  get appendLimitBytes(): number | undefined {
    const limit = /(?:^| )APPENDLIMIT=(\d+)/i.exec(this.#connection.capabilities ?? '')?.[1];
    return limit === undefined ? undefined : Number(limit);
  }

  hasFolder(path: string): boolean {
    return this.#paths.has(path);
  }

  /**
   * Makes the folder unless it is there, if possible for that special use (RFC 6154 §3).
   *
   * @returns Why it cannot be made.
   */
  async ensureFolder(path: string, specialUse: string | undefined): Promise<string | undefined> {
    if (this.#paths.has(path)) return undefined;
    const create = `CREATE ${formatMailbox(path)}`;
    const canUse = / CREATE-SPECIAL-USE(?: |$)/i.test(` ${this.#connection.capabilities ?? ''}`);
    let answer =
      specialUse !== undefined && canUse && !this.#pathByUse.has(specialUse)
        ? await this.#connection.run(`${create} (USE (${specialUse}))`)
        : undefined;
    if (answer?.status === 'OK' && specialUse !== undefined) this.#pathByUse.set(specialUse, path);
    else answer = await this.#connection.run(create);
    if (answer.status !== 'OK' && !answer.text.startsWith('[ALREADYEXISTS]')) return answer.text;
    this.#paths.add(path);
    return undefined;
  }

  async subscribe(path: string): Promise<void> {
    const answer = await this.#connection.run(`SUBSCRIBE ${formatMailbox(path)}`);
    if (answer.status !== 'OK') throw new OperatorError(`folder ${path}: ${answer.text}`);
  }

  /** How often each EMAILID lies in the folder. */
  async countEmailIds(path: string): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    const opened = await this.#connection.run(`EXAMINE ${formatMailbox(path)}`);
    if (opened.status !== 'OK') throw new OperatorError(`folder ${path}: ${opened.text}`);
    await this.#connection.run('UID FETCH 1:* (EMAILID)', (line) => {
      const id = /EMAILID \(([^)]+)\)/.exec(line)?.[1];
      if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
    });
    await this.#connection.run('UNSELECT');
    return counts;
  }

  /** One at a time. */
  startAppending(path: string, onRefused: (place: string, reason: string) => void): AppendWindow {
    return new AppendWindow(this.#connection, path, onRefused);
  }

  /** After a ConnectionLostError. @throws OperatorError if the site is still away. */
  async reopen(): Promise<void> {
    await this.#connection.close();
    this.#connection = await this.#connect();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #list(): Promise<void> {
    await this.#connection.run('LIST "" "*"', (line) => {
      const found = parseListLine(line);
      if (found === undefined) return;
      this.#paths.add(found.path);
      for (const attribute of found.attributes) {
        if (SPECIAL_USES.has(attribute)) this.#pathByUse.set(attribute, found.path);
      }
    });
  }
}

const SPECIAL_USES: ReadonlySet<string> = new Set([
  '\\All',
  '\\Archive',
  '\\Drafts',
  '\\Flagged',
  '\\Junk',
  '\\Sent',
  '\\Trash',
]);
