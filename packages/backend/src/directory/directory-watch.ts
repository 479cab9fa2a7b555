/**
 * What a worker keeps of the directory in memory: its own site's record and the front ends'
 * keys, pushed when they change. While the directory is away, what was known stays good; so
 * tickets are verified without it.
 */
import type { DirectoryDriver, SiteName, SiteRecord } from '@homeward/directory';
import type { TicketVerifyKey } from '@homeward/ticket';

/** Not more often than this for keys that nobody knows: a stranger can invent any number. */
const RE_READ_EVERY_MS = 1_000;

export interface DirectoryWatchOptions {
  readonly driver: Pick<DirectoryDriver, 'getSite' | 'listFrontEndKeys' | 'subscribe'>;
  readonly site: SiteName;
  readonly elapsedMs: () => number;
  /** Told when a reading failed; it is repeated at the next change or need. */
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

  constructor(options: DirectoryWatchOptions) {
    this.#options = options;
    this.#unsubscribe = options.driver.subscribe((change) => {
      const isOwnSite = change.area === 'site' && change.name === options.site;
      const concerns =
        isOwnSite || change.area === 'front-end-keys' || change.area === 'everything';
      if (concerns) void this.read();
    });
  }

  get ownSite(): SiteRecord | undefined {
    return this.#site;
  }

  findKey(keyId: string): TicketVerifyKey | undefined {
    return this.#keys.get(keyId);
  }

  /** For a key that is not known: maybe it is new. @returns whether anything was read. */
  async readForUnknownKey(): Promise<boolean> {
    if (this.#options.elapsedMs() - this.#readAtMs < RE_READ_EVERY_MS) return false;
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
    this.#unsubscribe();
  }

  async #readUntilFresh(): Promise<void> {
    do {
      this.#isStale = false;
      await this.#readOnce();
    } while (this.#isStale);
  }

  async #readOnce(): Promise<void> {
    const { driver, site, elapsedMs, onFault } = this.#options;
    this.#readAtMs = elapsedMs();
    try {
      const [record, keys] = await Promise.all([driver.getSite(site), driver.listFrontEndKeys()]);
      this.#site = record;
      this.#keys = new Map(
        keys.map(({ keyId, publicKey, revokedAtMs }) => [
          keyId,
          { publicKey, isRevoked: revokedAtMs !== undefined },
        ]),
      );
    } catch (error) {
      onFault(error);
    }
  }
}
