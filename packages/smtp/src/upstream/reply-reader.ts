/**
 * Whole replies of a server, from an `OctetStream` (RFC 5321 §4.2). A server is trusted with mail,
 * not with our memory: lines and their number are bounded, and what is no reply ends it all.
 */
import { OctetStreamReader } from '@homeward/wire';
import type { OctetStream } from '@homeward/wire';
import { parseReplyLine } from '../grammar/reply.ts';
import type { EnhancedCode, ReplyLine } from '../grammar/reply.ts';

/** What a server said to one command, or in its place why it never will. */
export interface ServerReply {
  /** Three digits. */
  readonly code: number;
  /** The general one of its class where the server gave none of that class (RFC 3463 §3.1). */
  readonly enhanced: EnhancedCode;
  /** Text of each line, enhanced codes removed; printable ASCII, bounded. At least one. */
  readonly lines: readonly string[];
  /** Nobody said so: the connection is lost, and every later command gets the same. */
  readonly isLost: boolean;
}

/** RFC 5321 §4.5.3.1.5 has 512; some servers say more. */
const LINE_BYTES = 2_048;
const LINE_COUNT = 128;
const TEXT_CHARACTERS = 500;

/** Reads the replies of one connection, one call at a time. */
export class ReplyReader {
  readonly #reader: OctetStreamReader;
  #lost: ServerReply | undefined;

  constructor(stream: OctetStream) {
    this.#reader = new OctetStreamReader(stream);
  }

  /** Why nothing more comes; undefined while something may. */
  get lost(): ServerReply | undefined {
    return this.#lost;
  }

  /** To be called while nothing was asked: a server that answers all the same is not understood. */
  expectNothing(): void {
    if (this.#lost === undefined && this.#reader.bufferedBytes > 0) {
      this.#lose('An answer came to nothing that was asked');
    }
  }

  /** @returns The next reply; behind a 421 nothing more is read (RFC 5321 §3.8). */
  async read(): Promise<ServerReply> {
    if (this.#lost !== undefined) return this.#lost;
    const lines: ReplyLine[] = [];
    for (;;) {
      const line = await this.#reader.readLine(LINE_BYTES);
      if (line === 'ended' || line === 'broken') return this.#lose('The connection was lost');
      if (line === 'timed-out') return this.#lose('No answer came in time');
      const parsed =
        line === 'too-long' ? undefined : parseReplyLine(line.octets.toString('latin1'));
      const isMixed = lines.length > 0 && parsed?.code !== lines[0]?.code;
      if (parsed === undefined || isMixed || lines.length === LINE_COUNT) {
        return this.#lose('The answer is no reply of SMTP');
      }
      lines.push(parsed);
      if (parsed.isLast) return this.#settle(lines, parsed.code);
    }
  }

  #settle(lines: readonly ReplyLine[], code: number): ServerReply {
    const reply = {
      code,
      enhanced: findEnhanced(lines, code),
      lines: lines.map(({ text }) => cleaned(text)),
      isLost: false,
    };
    if (code === 421) this.#lost = { ...reply, isLost: true };
    return this.#lost ?? reply;
  }

  #lose(text: string): ServerReply {
    this.#lost = { code: 451, enhanced: '4.4.2', lines: [text], isLost: true };
    return this.#lost;
  }
}

function findEnhanced(lines: readonly ReplyLine[], code: number): EnhancedCode {
  const digit = code >= 500 ? 5 : code >= 400 ? 4 : 2;
  const found = lines.find(({ enhanced }) => enhanced?.startsWith(`${digit}.`))?.enhanced;
  return (found as EnhancedCode | undefined) ?? `${digit}.0.0`;
}

function cleaned(text: string): string {
  return text.slice(0, TEXT_CHARACTERS).replaceAll(/[^ -~]/gu, '?');
}
