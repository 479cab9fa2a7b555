/**
 * One connection of the load client that sends mail by SMTP or LMTP (RFC 5321, RFC 2033): the
 * envelope pipelined with DATA, then the message; answers are checked.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { WrongAnswerError } from './imap-load.ts';

/** A message as it goes over the wire: dots doubled, with its end, and without a From. */
export type DottedMessage = Buffer;

/**
 * Doubles dots, and ends the message (RFC 5321 §4.5.2). Its From is left out: who sends it has his
 * own.
 *
 * @param message Lines end in CRLF; the first one has no dot.
 */
export function dotMessage(message: Uint8Array): DottedMessage {
  const text = Buffer.from(message).toString('latin1');
  const dotted = text.replace(/^From: .*\r\n/mu, '').replaceAll('\r\n.', '\r\n..');
  const end = dotted.endsWith('\r\n') ? '.\r\n' : '\r\n.\r\n';
  return Buffer.from(`${dotted}${end}`, 'latin1');
}

export interface SmtpLoadOptions {
  readonly port: number;
  readonly protocol: 'smtp' | 'lmtp';
  /** TLS from the first octet. */
  readonly tls?: ConnectionOptions;
}

interface Pending {
  readonly expected: RegExp;
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** Close it. */
export class SmtpLoad implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #isLmtp: boolean;
  readonly #pending: Pending[] = [];
  #carried = '';

  private constructor({ port, protocol, tls }: SmtpLoadOptions) {
    this.#isLmtp = protocol === 'lmtp';
    const at = { port, host: '127.0.0.1' };
    this.#socket = tls === undefined ? connect(at) : connectTls({ ...at, ...tls });
    this.#socket.setNoDelay(true);
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: Buffer | string) => this.#receive(String(text)));
    const fail = (error: Error): void => {
      for (const { reject } of this.#pending.splice(0)) reject(error);
    };
    this.#socket.on('error', fail);
    this.#socket.on('close', () => fail(new WrongAnswerError('the server closed the connection')));
  }

  /** Connected, greeted, and past EHLO or LHLO. */
  static async open(options: SmtpLoadOptions): Promise<SmtpLoad> {
    const load = new SmtpLoad(options);
    await load.#expect(/^220 /);
    load.#socket.write(`${options.protocol === 'lmtp' ? 'LHLO' : 'EHLO'} load.example\r\n`);
    await load.#expect(/^250 /);
    return load;
  }

  /** AUTH PLAIN (RFC 4954 §4, RFC 4616). */
  async logIn(name: string, password: string): Promise<void> {
    const token = Buffer.from(`\0${name}\0${password}`).toString('base64');
    this.#socket.write(`AUTH PLAIN ${token}\r\n`);
    await this.#expect(/^235 /);
  }

  /** One message; resolves when it is taken for all recipients. @throws WrongAnswerError */
  async send(sender: string, recipients: readonly string[], message: DottedMessage): Promise<void> {
    const commands = recipients.map((recipient) => `RCPT TO:<${recipient}>\r\n`).join('');
    this.#socket.write(`MAIL FROM:<${sender}>\r\n${commands}DATA\r\n`);
    const answers = [this.#expect(/^250 /), ...recipients.map(() => this.#expect(/^25[01] /))];
    await Promise.all([...answers, this.#expect(/^354 /)]);
    this.#socket.cork();
    this.#socket.write(`From: ${sender}\r\n`);
    this.#socket.write(message);
    this.#socket.uncork();
    const takenCount = this.#isLmtp ? recipients.length : 1;
    await Promise.all(Array.from({ length: takenCount }, () => this.#expect(/^250 /)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.removeAllListeners('close');
    if (this.#socket.destroyed) return;
    const closed = new Promise<void>((resolve) => this.#socket.on('close', () => resolve()));
    this.#socket.end('QUIT\r\n');
    await closed;
  }

  #expect(expected: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ expected, resolve, reject });
    });
  }

  #receive(text: string): void {
    const lines = (this.#carried + text).split('\r\n');
    this.#carried = lines.pop() ?? '';
    // The last line of a reply is its answer (RFC 5321 §4.2.1).
    for (const line of lines) if (line[3] !== '-') this.#answer(line);
  }

  #answer(line: string): void {
    const waiting = this.#pending.shift();
    if (waiting === undefined) return;
    if (waiting.expected.test(line)) waiting.resolve(line);
    else waiting.reject(new WrongAnswerError(`${String(waiting.expected)}: ${line}`));
  }
}
