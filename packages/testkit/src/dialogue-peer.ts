/**
 * One side of a line dialogue, played by a test: it sends octets, and reads lines, literals and
 * whole answers. Over any `OctetStream`, so the same steps run in memory and over a socket.
 *
 * Every wait is limited in time, and what fails says what was said before on the connection.
 */
import type { OctetStream, StreamEnd } from '@homeward/wire';
import { type Octets, toBuffer } from './chunking.ts';

/** Settings of a peer. */
export interface DialoguePeerOptions {
  /** Limit for each single wait; 10 s. */
  readonly waitMs?: number;
  /** What the other side is called in messages: `server` or `client`. */
  readonly otherName?: string;
}

/** An IMAP server's whole answer to one command. */
export interface TaggedReply {
  readonly status: 'OK' | 'NO' | 'BAD';
  /** The tagged line, without the tag: `OK [READ-WRITE] done`. */
  readonly text: string;
  /** Untagged responses before it, in order, literals in place: `* 1 FETCH (BODY[] {3}\r\nabc)`. */
  readonly untagged: readonly string[];
}

/** Lines of the dialogue that error messages show. */
const shownLines = 20;

/** A test's end of a dialogue. Strings are Latin-1: one character for each octet, both ways. */
export class DialoguePeer {
  readonly #stream: OctetStream;
  readonly #waitMs: number;
  readonly #otherName: string;
  readonly #said: string[] = [];
  #unread: Buffer = Buffer.alloc(0);
  #pending: Promise<Uint8Array | StreamEnd> | undefined;
  #commandCount = 0;

  constructor(stream: OctetStream, options: DialoguePeerOptions = {}) {
    this.#stream = stream;
    this.#waitMs = options.waitMs ?? 10_000;
    this.#otherName = options.otherName ?? 'server';
  }

  /** The last lines of the dialogue, as messages show them. */
  get transcript(): readonly string[] {
    return this.#said;
  }

  /** Octets that came and were not read yet, as far as they were taken from the connection. */
  get unreadBytes(): number {
    return this.#unread.length;
  }

  /** Sends octets as they are; waits while the other side does not read. */
  async send(octets: Octets): Promise<void> {
    this.#note('sent', toBuffer(octets).toString('latin1'));
    const drained = this.#stream.write(octets);
    if (drained !== undefined) await this.#limit(drained, 'the other side to read');
  }

  /** Sends a line with CRLF. */
  sendLine(text: string): Promise<void> {
    return this.send(`${text}\r\n`);
  }

  /** Sends each piece by itself, in order. */
  async sendPieces(pieces: Iterable<Octets>): Promise<void> {
    for (const piece of pieces) await this.send(piece);
  }

  /** The next line, without its CRLF (or its bare LF). */
  async readLine(): Promise<string> {
    for (let from = 0; ;) {
      const at = this.#unread.indexOf(0x0a, from);
      if (at !== -1) {
        const line = this.#take(at + 1)
          .toString('latin1')
          .replace(/\r?\n$/, '');
        this.#note('got', line);
        return line;
      }
      from = this.#unread.length;
      await this.#fill('a line');
    }
  }

  /** The next line, which must be exactly this text, or match. */
  async expectLine(expected: string | RegExp): Promise<RegExpExecArray> {
    const line = await this.readLine();
    const pattern = typeof expected === 'string' ? exactly(expected) : expected;
    const match = new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(line);
    if (match === null) throw this.#explain(`expected ${String(expected)} but got ${line}`);
    return match;
  }

  /** Exactly so many octets. */
  async readOctets(count: number): Promise<Buffer> {
    while (this.#unread.length < count) await this.#fill(`${count} octets`);
    const octets = this.#take(count);
    this.#note('got', octets.toString('latin1'));
    return octets;
  }

  /** Reads to the end of the connection. @returns What came before it, and how it ended. */
  async readToEnd(): Promise<{ readonly octets: Buffer; readonly end: StreamEnd }> {
    for (;;) {
      const end = await this.#pull('the connection to end');
      if (end !== undefined) return { octets: this.#take(this.#unread.length), end };
    }
  }

  /** Waits until the other side closes; throws if it says anything before. */
  async expectEnd(): Promise<StreamEnd> {
    const { octets, end } = await this.readToEnd();
    if (octets.length === 0) return end;
    throw this.#explain(`expected the end but got ${octets.toString('latin1')}`);
  }

  /** One IMAP response with its literals (RFC 3501 §4.3), without the last CRLF. */
  async readResponse(): Promise<string> {
    let response = await this.readLine();
    for (;;) {
      const size = /\{(\d+)\+?\}$/.exec(response)?.[1];
      if (size === undefined) return response;
      const literal = await this.readOctets(Number(size));
      response += `\r\n${literal.toString('latin1')}${await this.readLine()}`;
    }
  }

  /** All responses up to the one with this tag; a `+` in between is an untagged one here. */
  async readUntilTagged(tag: string): Promise<TaggedReply> {
    for (const untagged: string[] = []; ;) {
      const response = await this.readResponse();
      if (!response.startsWith(`${tag} `)) {
        untagged.push(response);
        continue;
      }
      const text = response.slice(tag.length + 1);
      const status = /^(OK|NO|BAD)\b/.exec(text)?.[1] as TaggedReply['status'] | undefined;
      if (status === undefined) throw this.#explain(`no status in ${response}`);
      return { status, text, untagged };
    }
  }

  /** Sends an IMAP command under a tag of its own and reads the whole answer. */
  async command(text: string): Promise<TaggedReply> {
    this.#commandCount += 1;
    const tag = `T${this.#commandCount}`;
    await this.sendLine(`${tag} ${text}`);
    return this.readUntilTagged(tag);
  }

  /** As `command`; throws unless the answer is OK. */
  async expectOk(text: string): Promise<TaggedReply> {
    const reply = await this.command(text);
    if (reply.status !== 'OK') throw this.#explain(`expected OK but got ${reply.text}`);
    return reply;
  }

  /** Lines of a POP3 multi-line response up to its dot (RFC 1939 §3), dots taken off. */
  async readDotLines(): Promise<readonly string[]> {
    for (const lines: string[] = []; ;) {
      const line = await this.readLine();
      if (line === '.') return lines;
      lines.push(line.startsWith('.') ? line.slice(1) : line);
    }
  }

  #take(count: number): Buffer {
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }

  async #fill(wanted: string): Promise<void> {
    const end = await this.#pull(wanted);
    if (end === undefined) return;
    const rest = this.#unread.toString('latin1').slice(0, 200);
    throw this.#explain(`waited for ${wanted} but the connection ${end}; unread: '${rest}'`);
  }

  /** One read. It stays pending when its limit passes, and serves the next wait. */
  async #pull(wanted: string): Promise<StreamEnd | undefined> {
    this.#pending ??= this.#stream.read();
    const got = await this.#limit(this.#pending, wanted);
    this.#pending = undefined;
    if (typeof got === 'string') return got;
    this.#unread = Buffer.concat([this.#unread, got]);
    return undefined;
  }

  async #limit<T>(work: Promise<T>, wanted: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const rest = this.#unread.toString('latin1').slice(0, 200);
        reject(this.#explain(`waited ${this.#waitMs} ms for ${wanted}; unread: '${rest}'`));
      }, this.#waitMs);
    });
    try {
      return await Promise.race([work, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  #note(how: 'sent' | 'got', text: string): void {
    const shown = text.length > 200 ? `${text.slice(0, 200)}… (${text.length} octets)` : text;
    this.#said.push(`${how === 'sent' ? '->' : '<-'} ${JSON.stringify(shown).slice(1, -1)}`);
    if (this.#said.length > shownLines) this.#said.shift();
  }

  #explain(complaint: string): Error {
    const said = this.#said.map((line) => `  ${line}`).join('\n');
    return new Error(`${this.#otherName}: ${complaint}\n${said || '  (nothing was said before)'}`);
  }
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}$`, 's');
}
