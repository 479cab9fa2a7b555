/** One IMAP connection of the load client: commands may be pipelined, answers are counted. */
import { connect, type Socket } from 'node:net';
import { type Reply, ReplyParser } from './load-reply.ts';

const RECEIVE_BYTES = 256 * 1024;

/** Thrown when an answer is not the one that was to come. */
export class WrongAnswerError extends Error {
  override readonly name = 'WrongAnswerError';
}

interface Pending {
  readonly tag: string;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** Close it. */
export class ImapLoad implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #pending: Pending[] = [];
  #continued: (() => void) | undefined;
  #commandCount = 0;
  /** Hears untagged lines as they come; for IDLE. */
  onLine: ((line: string) => void) | undefined;

  private constructor(port: number, onGreeting: () => void, onFault: (error: Error) => void) {
    const parser = new ReplyParser({
      onReply: (tag, reply) => this.#answer(tag, reply),
      onContinuation: () => this.#continued?.(),
      onLine: (line) => {
        onGreeting();
        this.onLine?.(line);
      },
    });
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(RECEIVE_BYTES),
        callback: (count, buffer) => {
          parser.push(Buffer.from(buffer.buffer, buffer.byteOffset, count));
          return true;
        },
      },
    });
    const fail = (error: Error): void => {
      onFault(error);
      for (const { reject } of this.#pending.splice(0)) reject(error);
    };
    this.#socket.on('error', fail);
    this.#socket.on('close', () => fail(new WrongAnswerError('the server closed the connection')));
  }

  /** Connects and waits for the greeting. */
  static open(port: number): Promise<ImapLoad> {
    return new Promise((resolve, reject) => {
      const load: ImapLoad = new ImapLoad(port, () => resolve(load), reject);
    });
  }

  /** A session that is logged in. */
  static async logIn(port: number, name: string, password: string): Promise<ImapLoad> {
    const load = await ImapLoad.open(port);
    await load.expectOk(`LOGIN "${name}" "${password}"`);
    return load;
  }

  /** Sends a command; `pieces` follow it as they are. Needs not wait for the one before. */
  command(line: string, ...pieces: readonly (string | Uint8Array)[]): Promise<Reply> {
    this.#commandCount += 1;
    const tag = `a${this.#commandCount}`;
    return new Promise((resolve, reject) => {
      this.#pending.push({ tag, resolve, reject });
      this.#socket.cork();
      this.#socket.write(`${tag} ${line}`, 'latin1');
      for (const piece of pieces) this.#socket.write(piece);
      this.#socket.write('\r\n');
      this.#socket.uncork();
    });
  }

  /** The same. @throws WrongAnswerError unless it succeeds. */
  async expectOk(line: string, ...pieces: readonly (string | Uint8Array)[]): Promise<Reply> {
    const reply = await this.command(line, ...pieces);
    if (reply.status === 'OK') return reply;
    throw new WrongAnswerError(`${line.slice(0, 80)} was answered by ${reply.text}`);
  }

  /** APPEND of one or, where the server has MULTIAPPEND (RFC 3502), several messages. */
  append(folder: string, ...messages: readonly Uint8Array[]): Promise<Reply> {
    const pieces = messages.flatMap((message) => [` {${message.length}+}\r\n`, message]);
    return this.expectOk(`APPEND ${folder}`, ...pieces);
  }

  /** Enters IDLE (RFC 2177); resolves when the server has said so. */
  async idle(): Promise<void> {
    const continued = new Promise<void>((resolve) => (this.#continued = resolve));
    // Nobody waits for its end: the connection is closed while it idles.
    this.command('IDLE').catch(() => undefined);
    await continued;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.removeAllListeners('error').on('error', () => undefined);
      this.#socket.on('close', () => resolve());
      if (this.#socket.destroyed) resolve();
      this.#socket.destroy();
    });
  }

  #answer(tag: string, reply: Reply): void {
    const waiting = this.#pending.shift();
    if (waiting === undefined) return;
    if (waiting.tag === tag) waiting.resolve(reply);
    else waiting.reject(new WrongAnswerError(`${waiting.tag} was answered by ${tag}`));
  }
}
