/** The last messages that a sink took: in memory, and as files if there is a folder for them. */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface SunkMessage {
  /** 1 for the first one; never used again. */
  readonly number: number;
  /** Empty for `<>`. */
  readonly sender: string;
  readonly recipients: readonly string[];
  /** What MAIL said beside the sender; keywords in upper case. */
  readonly parameters: Readonly<Record<string, string | true>>;
  readonly isEncrypted: boolean;
  /** Of the whole message; `octets` has the beginning of a long one. */
  readonly sizeBytes: number;
  readonly octets: Buffer;
}

interface Waiting {
  readonly matches: (message: SunkMessage) => boolean;
  readonly resolve: (message: SunkMessage) => void;
}

export class SunkMessages {
  readonly #keptCount: number;
  readonly #folder: string | undefined;
  readonly #kept: SunkMessage[] = [];
  readonly #waiting = new Set<Waiting>();
  #count = 0;

  /** @param folder Must be there; undefined: no files. */
  constructor(keptCount: number, folder: string | undefined) {
    this.#keptCount = keptCount;
    this.#folder = folder;
  }

  /** Oldest first. */
  get kept(): readonly SunkMessage[] {
    return this.#kept;
  }

  /** Of all that came. */
  get count(): number {
    return this.#count;
  }

  /** Resolves when its file is written, the oldest one's removed. */
  async add(message: Omit<SunkMessage, 'number'>): Promise<SunkMessage> {
    this.#count += 1;
    const added: SunkMessage = { ...message, number: this.#count };
    this.#kept.push(added);
    const forgotten = this.#kept.length > this.#keptCount ? this.#kept.shift() : undefined;
    for (const waiting of this.#waiting) {
      if (!waiting.matches(added)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(added);
    }
    if (this.#folder !== undefined) await writeFiles(this.#folder, added, forgotten);
    return added;
  }

  /** The first kept one that matches, or the first one that will. May wait for ever. */
  find(matches: (message: SunkMessage) => boolean): Promise<SunkMessage> {
    const found = this.#kept.find(matches);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => void this.#waiting.add({ matches, resolve }));
  }
}

async function writeFiles(
  folder: string,
  added: SunkMessage,
  forgotten: SunkMessage | undefined,
): Promise<void> {
  const envelope = [
    `Return-Path: <${added.sender}>`,
    ...added.recipients.map((recipient) => `Delivered-To: ${recipient}`),
  ];
  const head = Buffer.from(`${envelope.join('\r\n')}\r\n`);
  await writeFile(fileOf(folder, added), Buffer.concat([head, added.octets]), { mode: 0o600 });
  if (forgotten !== undefined) await rm(fileOf(folder, forgotten), { force: true });
}

function fileOf(folder: string, { number }: SunkMessage): string {
  return path.join(folder, `${String(number).padStart(6, '0')}.eml`);
}
