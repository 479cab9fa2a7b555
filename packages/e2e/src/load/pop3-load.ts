/** One POP3 connection of the load client: one command after another, octets counted. */
import { connect, type Socket } from 'node:net';
import { WrongAnswerError } from './imap-load.ts';

const RECEIVE_BYTES = 256 * 1024;
/** The end of a reply of several lines (RFC 1939 §3). */
const END = Buffer.from('\r\n.\r\n');

/** What came back for one command. */
export interface Pop3Reply {
  readonly text: string;
  /** Of the lines behind the first, the final dot's line left out. */
  readonly bodyBytes: number;
}

interface Pending {
  readonly isMultiLine: boolean;
  readonly resolve: (reply: Pop3Reply) => void;
  readonly reject: (error: Error) => void;
}

/** Close it. */
export class Pop3Load implements AsyncDisposable {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #pending: Pending | undefined;

  private constructor(port: number) {
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(RECEIVE_BYTES),
        callback: (count, buffer) => {
          this.#receive(Buffer.from(Buffer.from(buffer.buffer, buffer.byteOffset, count)));
          return true;
        },
      },
    });
    const fail = (error: Error): void => {
      this.#pending?.reject(error);
      this.#pending = undefined;
    };
    this.#socket.on('error', fail);
    this.#socket.on('close', () => fail(new WrongAnswerError('the server closed the connection')));
  }

  static async logIn(port: number, name: string, password: string): Promise<Pop3Load> {
    const load = new Pop3Load(port);
    await load.#wait(false);
    await load.command(`USER ${name}`);
    await load.command(`PASS ${password}`);
    return load;
  }

  command(line: string, isMultiLine: boolean = false): Promise<Pop3Reply> {
    this.#socket.write(`${line}\r\n`);
    return this.#wait(isMultiLine);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.on('close', () => resolve());
      if (this.#socket.destroyed) resolve();
      this.#socket.destroy();
    });
  }

  #wait(isMultiLine: boolean): Promise<Pop3Reply> {
    return new Promise((resolve, reject) => {
      this.#pending = { isMultiLine, resolve, reject };
    });
  }

  #receive(octets: Buffer): void {
    this.#received.push(octets);
    if (octets.at(-1) !== 10) return;
    const all = this.#received.length === 1 ? octets : Buffer.concat(this.#received);
    const firstEnd = all.indexOf('\r\n');
    const isRefused = all[0] !== 43;
    const isMultiLine = this.#pending?.isMultiLine === true && !isRefused;
    if (firstEnd === -1 || (isMultiLine && !endsReply(all))) return;
    this.#received = [];
    const pending = this.#pending;
    this.#pending = undefined;
    const text = all.toString('latin1', 0, firstEnd);
    if (isRefused) pending?.reject(new WrongAnswerError(text));
    else pending?.resolve({ text, bodyBytes: isMultiLine ? all.length - firstEnd - 5 : 0 });
  }
}

function endsReply(octets: Buffer): boolean {
  return octets.subarray(-END.length).equals(END);
}
