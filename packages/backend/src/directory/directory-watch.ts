/**
 * What a worker keeps of the directory in memory: its own site's record and the front ends'
 * keys, pushed when they change. While the directory is away, what was known stays good; so
 * tickets are verified without it. A worker that starts meanwhile knows nothing, and tries until
 * it does.
 */
import type { DirectoryDriver, SiteName, SiteRecord } from '@homeward/directory';
import type { Clock } from '@homeward/service';
import type { TicketVerifyKey } from '@homeward/ticket';

/** Not more often than this for keys that nobody knows: a stranger can invent any number. */
const RE_READ_EVERY_MS = 1_000;
/** Between two attempts while nothing is known yet. */
const FIRST_READ_PAUSE_MS = 500;

export interface DirectoryWatchOptions {
  readonly driver: Pick<DirectoryDriver, 'getSite' | 'listFrontEndKeys' | 'subscribe'>;
  readonly site: SiteName;
  readonly clock: Pick<Clock, 'elapsedMs' | 'after'>;
  /** Told when a reading failed, once for all that fail in a row. */
  readonly onFault: (error: unknown) => void;
}

/** Site record and keys, as last read. Close it. */
export class DirectoryWatch {
  readonly #options: DirectoryWatchOptions;
  readonly #unsubscribe: () => void;
  #site: SiteRecord | undefined;
  #keys: ReadonlyMap<string, TicketVerifyKey> = new Map();
  #reading: Promise<void> | undefined;
  #isStale = false;
  #readAtMs = -Infinity;
  #isKnown = false;
  #hasFailed = false;
  #isClosed = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: DirectoryWatchOptions) {
    this.#options = options;
    this.#unsubscribe = options.driver.subscribe((change) => {
      const isOwnSite = change.area === 'site' && change.name === options.site;
      const concerns =
        isOwnSite || change.area === 'front-end-keys' || change.area === 'everything';
      if (concerns) void this.read();
    });
  }

  /** False until it was read for the first time: no ticket can be judged. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  get ownSite(): SiteRecord | undefined {
    return this.#site;
  }

  findKey(keyId: string): TicketVerifyKey | undefined {
    return this.#keys.get(keyId);
  }

  /**
   * For who has reason to think that something is new: a key that is not known, an account of
   * another worker. @returns whether anything was read.
   */
  async readOnDoubt(): Promise<boolean> {
    if (this.#options.clock.elapsedMs() - this.#readAtMs < RE_READ_EVERY_MS) return false;
    await this.read();
    return true;
  }

  /** Reads everything anew; a change during a reading makes it read once more. */
  async read(): Promise<void> {
    if (this.#reading !== undefined) {
      this.#isStale = true;
      return this.#reading;
    }
    this.#reading = this.#readUntilFresh();
    try {
      await this.#reading;
    } finally {
      this.#reading = undefined;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#cancelRetry?.();
  }

  async #readUntilFresh(): Promise<void> {
    do {
      this.#isStale = false;
      await this.#readOnce();
    } while (this.#isStale);
  }

  async #readOnce(): Promise<void> {
    const { driver, site, clock, onFault } = this.#options;
    this.#readAtMs = clock.elapsedMs();
    try {
      const [record, keys] = await Promise.all([driver.getSite(site), driver.listFrontEndKeys()]);
      this.#site = record;
      this.#keys = new Map(
        keys.map(({ keyId, publicKey, revokedAtMs }) => [
          keyId,
          { publicKey, isRevoked: revokedAtMs !== undefined },
        ]),
      );
      this.#isKnown = true;
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) onFault(error);
      this.#hasFailed = true;
      if (!this.#isKnown) this.#retryLater();
    }
  }

  /** Once something is known, the next change or need is early enough. */
  #retryLater(): void {
    if (this.#isClosed) return;
    this.#cancelRetry?.();
    this.#cancelRetry = this.#options.clock.after(FIRST_READ_PAUSE_MS, () => void this.read());
  }
}
