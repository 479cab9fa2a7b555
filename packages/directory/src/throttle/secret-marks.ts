/**
 * Secrets as the throttle remembers them: enough to tell different ones apart, too little to find
 * one. A mark has 18 bits of an HMAC: whoever has the store, key and all, can rule a guess out,
 * but some 40 of the 10 million likeliest passwords fit each mark. The key is shared by all front ends
 * and drawn anew each day; marks of before count on, and a secret repeated over the change counts
 * once more.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { MarkKey, ThrottleStore } from './throttle-store.ts';

const KEY_BYTES = 32;
const KEY_LIFE_MS = 86_400_000;
/** How long a key is used without asking for it again: the store may have lost it. */
const KEY_REUSE_MS = 30_000;
const SECRET_CHARACTERS = 3;
const WHO_CHARACTERS = 4;
const NAME_CHARACTERS = 16;

/** Hashes under one key. */
export interface Marker {
  /** 18 bits. */
  markSecret(subject: string, secret: Uint8Array): string;
  /** 24 bits: enough to tell the accounts apart that one network tries. */
  markWho(subject: string): string;
  /** 96 bits: a name that nobody has stands for itself. */
  markName(name: string): string;
}

/** Asks for the key when it may be another one. */
export class SecretMarks {
  readonly #clock: Pick<Clock, 'elapsedMs'>;
  #marker: { readonly marker: Marker; readonly untilMs: number } | undefined;

  constructor(clock: Pick<Clock, 'elapsedMs'>) {
    this.#clock = clock;
  }

  /** Rejects as the store does. */
  async marker(store: Pick<ThrottleStore, 'markKey'>): Promise<Marker> {
    const nowMs = this.#clock.elapsedMs();
    if (this.#marker !== undefined && nowMs < this.#marker.untilMs) return this.#marker.marker;
    const found: MarkKey = await store.markKey(randomBytes(KEY_BYTES), KEY_LIFE_MS);
    const marker = createMarker(found.key);
    this.#marker = { marker, untilMs: nowMs + Math.min(found.leftMs, KEY_REUSE_MS) };
    return marker;
  }
}

function createMarker(key: Uint8Array): Marker {
  const hash = (
    what: string,
    subject: string,
    secret: Uint8Array | string,
    count: number,
  ): string =>
    createHmac('sha256', key)
      .update(`${what}\0${subject}\0`)
      .update(secret)
      .digest('base64url')
      .slice(0, count);
  return {
    markSecret: (subject, secret) => hash('secret', subject, secret, SECRET_CHARACTERS),
    markWho: (subject) => hash('who', subject, '', WHO_CHARACTERS),
    markName: (name) => hash('name', name, '', NAME_CHARACTERS),
  };
}
