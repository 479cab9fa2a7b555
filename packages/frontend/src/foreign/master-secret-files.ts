/**
 * Master users' passwords from files that the configuration names. A file is read anew when it
 * was not looked at for a while, so that a changed password is used without a restart.
 */
import { readSecretFile } from '@homeward/service';
import type { Clock } from '../login/ports.ts';
import type { MasterSecrets } from './foreign-ports.ts';

/** How long what was read is good. */
const FRESH_MS = 5_000;

interface KnownSecret {
  readonly octets: Uint8Array;
  readonly readAtMs: number;
}

/** By the name that site records use. */
export type SecretFiles = Readonly<Record<string, { readonly passwordFile: string }>>;

export class MasterSecretFiles implements MasterSecrets {
  readonly #clock: Pick<Clock, 'elapsedMs'>;
  readonly #known = new Map<string, KnownSecret>();
  #files: SecretFiles;

  constructor(files: SecretFiles, clock: Pick<Clock, 'elapsedMs'>) {
    this.#files = files;
    this.#clock = clock;
  }

  /** Other files, or names, from the next login on. */
  setFiles(files: SecretFiles): void {
    this.#files = files;
    this.#known.clear();
  }

  async read(name: string): ReturnType<MasterSecrets['read']> {
    const files = this.#files;
    const file = Object.hasOwn(files, name) ? files[name]?.passwordFile : undefined;
    if (file === undefined) return { problem: 'homes.secrets of this front end has no such name' };
    const before = this.#known.get(name);
    const nowMs = this.#clock.elapsedMs();
    if (before !== undefined && nowMs - before.readAtMs < FRESH_MS) {
      return Uint8Array.from(before.octets);
    }
    try {
      const octets = Buffer.from(await readSecretFile(file), 'utf8');
      if (octets.length === 0) return { problem: `${file} is empty` };
      if (files === this.#files) this.#known.set(name, { octets, readAtMs: nowMs });
      return Uint8Array.from(octets);
    } catch (error) {
      return { problem: error instanceof Error ? error.message : 'it cannot be read' };
    }
  }
}
