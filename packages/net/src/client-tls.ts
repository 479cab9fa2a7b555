/**
 * TLS for connections that we open: which authority is trusted, which certificate we show,
 * and the sessions to resume (RFC 8446 §2.2), which spare both ends the handshake's
 * signatures. The session cache is bounded and in memory only.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';

export interface ClientTlsOptions {
  /**
   * PEM of the authorities to trust; nothing else is trusted, the system's list neither.
   * `public`: those that Node comes with. `pins-only`: none; a pin alone says who it is, whatever
   * name and term the certificate has.
   */
  readonly ca: string | 'public' | 'pins-only';
  /** base64 of SHA-256 of the server's public key (SPKI); one of them must be its. */
  readonly pins?: readonly string[];
  /** Shown when the server asks for one; PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** Default TLSv1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Default 1,000 peers; 0 turns resumption off. */
  readonly sessionCacheEntries?: number;
}

const DEFAULT_CACHE_ENTRIES = 1_000;
/**
 * A server lets a session be resumed for some minutes, five where it runs on Node.js. A new one
 * comes with every connection, but reading it costs more than the rest of the resumption.
 */
const FRESH_MS = 60_000;

interface KeptSession {
  readonly session: Buffer;
  readonly keptAtMs: number;
}

export class ClientTls {
  readonly context: SecureContext;
  /** Whether chain and name are verified. */
  readonly isVerifying: boolean;
  readonly #pins: ReadonlySet<string>;
  readonly #sessions: Map<string, KeptSession> = new Map();
  readonly #maxEntries: number;

  /** Throws when the PEM is not usable: what an operator gave is checked by configuration. */
  constructor({ ca, pins = [], certificate, minVersion, sessionCacheEntries }: ClientTlsOptions) {
    this.isVerifying = ca !== 'pins-only';
    if (!this.isVerifying && pins.length === 0) throw new TypeError('there is no pin to go by');
    this.#pins = new Set(pins);
    const isGiven = ca !== 'public' && ca !== 'pins-only';
    // OpenSSL passes over what is no certificate in silence, and would then trust nobody.
    if (isGiven && !mayVouch(new X509Certificate(ca))) {
      throw new TypeError('this certificate is not an authority’s');
    }
    this.context = createSecureContext({
      ...(isGiven && { ca }),
      minVersion: minVersion ?? 'TLSv1.2',
      ...certificate,
    });
    this.#maxEntries = sessionCacheEntries ?? DEFAULT_CACHE_ENTRIES;
  }

  /** @param certificate Undefined where none was shown. @returns Whether a pin is kept, or none is. */
  isPinned(certificate: X509Certificate | undefined): boolean {
    if (this.#pins.size === 0) return true;
    const spki = certificate?.publicKey.export({ type: 'spki', format: 'der' });
    if (spki === undefined) return false;
    return this.#pins.has(createHash('sha256').update(spki).digest('base64'));
  }

  findSession(peer: string): Buffer | undefined {
    return this.#sessions.get(peer)?.session;
  }

  /** Whether it is worth listening for a new session. @param nowMs As for `keepSession`. */
  wantsSession(peer: string, nowMs: number): boolean {
    const kept = this.#sessions.get(peer);
    return kept === undefined || nowMs - kept.keptAtMs >= FRESH_MS;
  }

  /**
   * Keeps the newest session of each peer; the peer that was longest without one goes first.
   *
   * @param nowMs Of a clock that never goes back.
   */
  keepSession(peer: string, session: Buffer, nowMs: number): void {
    this.#sessions.delete(peer);
    this.#sessions.set(peer, { session, keptAtMs: nowMs });
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= this.#maxEntries) break;
      this.#sessions.delete(oldest);
    }
  }

  /** After a failed handshake, or one that was not resumed: the peer does not like the session. */
  forgetSession(peer: string): void {
    this.#sessions.delete(peer);
  }
}

/** An authority, or a server that vouches for itself. */
function mayVouch(certificate: X509Certificate): boolean {
  return certificate.ca || certificate.checkIssued(certificate);
}

/** Reads the authority's file. Rejects as `readFile` does, or when it holds no PEM. */
export async function loadClientTls(
  caFile: string,
  options: Omit<ClientTlsOptions, 'ca'> = {},
): Promise<ClientTls> {
  return new ClientTls({ ...options, ca: await readFile(caFile, 'utf8') });
}
