/**
 * TLS for listeners: the present set of certificates, and its replacement while the server
 * runs. New files are picked up by watching their folders (renewal tools rename, and
 * Kubernetes swaps a link, so watching the file itself would miss it) and by a look at the
 * files' times now and then. A new set replaces the old one at once and whole; one that is
 * broken leaves the old one in place and says so. Open connections are not touched.
 */
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SecureContext, TLSSocketOptions } from 'node:tls';
import {
  type CertificateFacts,
  type CertificateFault,
  type CertificateFiles,
  type CertificateSet,
  type ContextOptions,
  loadCertificateSet,
} from './certificate-set.ts';
import type { NetClock } from './clock-port.ts';
import { TurnPacer } from './turn-pacer.ts';

export interface ServerTlsOptions {
  readonly certificates: readonly CertificateFiles[];
  /** Default TLSv1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly clientCaFile?: string;
  /** See `ContextOptions`; watched like the certificates. */
  readonly ticketKeysFile?: string | undefined;
  /** Default true. */
  readonly isWatching?: boolean;
  /** Hears of every later attempt to load. Must not throw. */
  readonly onReload?: (outcome: ReloadOutcome) => void;
  /** The wall clock, for expiry. */
  readonly nowMs: () => number;
  readonly clock: NetClock;
}

export type ReloadOutcome =
  | { readonly ok: true; readonly certificates: readonly CertificateFacts[] }
  | {
      readonly ok: false;
      readonly reason: CertificateFault;
      readonly file: string;
      readonly detail: string;
    };

/** Which files. What is left out stays. */
export type ServerTlsFiles = Partial<Pick<ServerTlsOptions, 'certificates' | 'ticketKeysFile'>>;

export type OpenedServerTls =
  | { readonly ok: true; readonly tls: ServerTls }
  | (ReloadOutcome & { readonly ok: false });

const DEFAULT_MIN_VERSION = 'TLSv1.2';
const SETTLE_MS = 200;
const LOOK_EVERY_MS = 60_000;

/** Loads the certificates; the caller closes what it gets. */
export async function openServerTls(options: ServerTlsOptions): Promise<OpenedServerTls> {
  // Taken before the files are read: a change in between is then seen as one.
  const stamp = await stampFiles(options);
  const loaded = await loadCertificateSet(
    options.certificates,
    contextOptions(options),
    options.nowMs(),
  );
  if (!loaded.ok) return loaded;
  return { ok: true, tls: new ServerTls(options, loaded.set, stamp) };
}

/** About 10 ms of one core. */
const HANDSHAKES_PER_TURN = 8;

export class ServerTls {
  #options: ServerTlsOptions;
  readonly #watchers: FSWatcher[] = [];
  #set: CertificateSet;
  #minVersion: NonNullable<ServerTlsOptions['minVersion']>;
  #stamp: string;
  #cancelLook: (() => void) | undefined;
  #isClosed = false;
  #reloading: Promise<ReloadOutcome> | undefined;
  /** For the handshakes of all listeners: each costs a signature. */
  readonly pacer: TurnPacer = new TurnPacer(HANDSHAKES_PER_TURN);
  readonly #chooseByName: NonNullable<TLSSocketOptions['SNICallback']>;

  /** Use `openServerTls`. */
  constructor(options: ServerTlsOptions, set: CertificateSet, stamp: string) {
    this.#options = options;
    this.#set = set;
    this.#minVersion = options.minVersion ?? DEFAULT_MIN_VERSION;
    this.#stamp = stamp;
    this.#chooseByName = (serverName, done) => {
      done(null, this.#set.contextFor(serverName));
    };
    if (options.isWatching !== false) this.#watch();
  }

  /** Handshakes fail without a certificate of `clientCaFile`. */
  get wantsClientCertificate(): boolean {
    return this.#options.clientCaFile !== undefined;
  }

  get certificates(): readonly CertificateFacts[] {
    return this.#set.facts;
  }

  contextFor(serverName: string | undefined): SecureContext {
    return this.#set.contextFor(serverName);
  }

  /** The oldest version that handshakes agree on. */
  get minVersion(): NonNullable<ServerTlsOptions['minVersion']> {
    return this.#minVersion;
  }

  /** For handshakes from the outcome on; open connections go on. */
  async setMinVersion(
    minVersion: NonNullable<ServerTlsOptions['minVersion']>,
  ): Promise<ReloadOutcome | undefined> {
    if (minVersion === this.#minVersion) return undefined;
    this.#minVersion = minVersion;
    // One that is under way may have begun with the old version.
    await this.#reloading;
    return this.reload();
  }

  /**
   * Other files from now on, which are watched then. Where they are no good the present set stays,
   * as with files that change in their places.
   *
   * @returns Nothing where they are the same as before.
   */
  async setFiles(files: ServerTlsFiles): Promise<ReloadOutcome | undefined> {
    const options = { ...this.#options, ...files };
    if (filesOf(options).join('\0') === filesOf(this.#options).join('\0')) return undefined;
    this.#options = options;
    if (options.isWatching !== false && !this.#isClosed) {
      this.#endWatching();
      this.#watch();
    }
    // One that is under way may have begun with the old files.
    await this.#reloading;
    return this.reload();
  }

  /**
   * What a server-side TLSSocket needs; all of it shared between connections.
   *
   * @param alpn The one protocol that is spoken here (RFC 7301 §3.2): a client that offers others
   *   alone is refused with `no_application_protocol`, one that offers none goes on.
   */
  socketOptions(alpn?: string): TLSSocketOptions {
    const needsClient = this.wantsClientCertificate;
    return {
      isServer: true,
      secureContext: this.#set.contextFor(undefined),
      requestCert: needsClient,
      rejectUnauthorized: needsClient,
      ...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
      ...(this.#set.hasChoice ? { SNICallback: this.#chooseByName } : {}),
    };
  }

  /** Reads all files again, now. Calls made meanwhile share one outcome. */
  reload(): Promise<ReloadOutcome> {
    this.#reloading ??= this.#load().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  /** Ends the watching. Connections go on. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#endWatching();
  }

  #endWatching(): void {
    this.#cancelLook?.();
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers.length = 0;
  }

  async #load(): Promise<ReloadOutcome> {
    const { certificates, nowMs, onReload } = this.#options;
    const stamp = await stampFiles(this.#options);
    const parts = contextOptions({ ...this.#options, minVersion: this.#minVersion });
    const loaded = await loadCertificateSet(certificates, parts, nowMs());
    this.#stamp = stamp;
    if (loaded.ok) this.#set = loaded.set;
    const outcome: ReloadOutcome = loaded.ok
      ? { ok: true, certificates: loaded.set.facts }
      : loaded;
    if (!this.#isClosed) onReload?.(outcome);
    return outcome;
  }

  #watch(): void {
    for (const folder of new Set(filesOf(this.#options).map((file) => dirname(file)))) {
      try {
        const watcher = watch(folder, { persistent: false }, () => {
          this.#lookIn(SETTLE_MS);
        });
        // A folder that goes away: the look at the times still finds its successor.
        watcher.on('error', () => {
          watcher.close();
        });
        this.#watchers.push(watcher);
      } catch {
        // No more watches to be had (inotify limit): the look at the times remains.
      }
    }
    this.#lookIn(LOOK_EVERY_MS);
  }

  // Certificate and key are two files: wait until both have settled.
  #lookIn(delayMs: number): void {
    if (this.#isClosed) return;
    this.#cancelLook?.();
    this.#cancelLook = this.#options.clock.after(delayMs, () => {
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    const stamp = await stampFiles(this.#options);
    if (this.#isClosed) return;
    if (stamp !== this.#stamp) await this.reload();
    this.#lookIn(LOOK_EVERY_MS);
  }
}

function contextOptions(options: ServerTlsOptions): ContextOptions {
  return {
    minVersion: options.minVersion ?? DEFAULT_MIN_VERSION,
    ...(options.clientCaFile === undefined ? {} : { clientCaFile: options.clientCaFile }),
    ...(options.ticketKeysFile === undefined ? {} : { ticketKeysFile: options.ticketKeysFile }),
  };
}

function filesOf({
  certificates,
  clientCaFile,
  ticketKeysFile,
}: ServerTlsOptions): readonly string[] {
  const files = certificates.flatMap(({ certFile, keyFile }) => [certFile, keyFile]);
  return [...files, clientCaFile, ticketKeysFile].filter((file) => file !== undefined);
}

async function stampFiles(options: ServerTlsOptions): Promise<string> {
  const stamps = filesOf(options).map(async (file) => {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      return `${mtimeMs}/${size}/${ino}`;
    } catch {
      return 'absent';
    }
  });
  return (await Promise.all(stamps)).join(' ');
}
