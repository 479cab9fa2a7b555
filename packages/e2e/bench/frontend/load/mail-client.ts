/**
 * A client of the load generator: one connection of IMAP or POP3 over TCP or TLS that says one thing after
 * another and only looks at how answers end. Everything that it receives passes through one buffer.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Whom to connect to, as whom. */
export interface ClientTarget {
  readonly protocol: 'imap' | 'pop3';
  readonly port: number;
  readonly tls: boolean;
  /** Accounts are `user00000@example.test` and so on; connections take them in turn. */
  readonly userCount: number;
  /** From which address to connect; any if left out. */
  readonly localAddress?: string;
}

const BUFFER = Buffer.allocUnsafeSlow(256 * 1024);
const TAIL_CHARACTERS = 256;
/** What every proxy can do: the OpenSSL of some knows no X25519MLKEM768, which costs others more, and perdition P-256 alone. */
const HANDSHAKE = { rejectUnauthorized: false, ecdhCurve: 'X25519:P-256' };
/** Longer than any answer takes, also on a machine that is busy. */
const ANSWER_LIMIT_MS = 30_000;

let nextUser = 0;

/** Close or destroy it. */
export class MailClient {
  readonly #protocol: ClientTarget['protocol'];
  readonly #socket: Socket;
  #tail = '';
  #octets = 0;
  #waiter:
    | { ends: RegExp; resolve: (octets: number) => void; reject: (error: Error) => void }
    | undefined;
  #fault: Error | undefined;
  readonly #closed: Promise<void>;

  constructor({ protocol, port, tls, localAddress }: ClientTarget) {
    this.#protocol = protocol;
    const where = {
      port,
      host: '127.0.0.1',
      ...(localAddress !== undefined && { localAddress }),
      noDelay: true,
      onread: { buffer: BUFFER, callback: (count: number) => this.#take(count) },
    };
    // It is the cost that is measured here; whom we reach is known.
    this.#socket = tls ? connectTls({ ...where, ...HANDSHAKE }) : connect(where);
    this.#socket.setTimeout(ANSWER_LIMIT_MS, () => this.#fail(new Error('no answer in time')));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('end', () => this.#fail(new Error('the connection was closed')));
    this.#closed = new Promise((resolve) => this.#socket.on('close', () => resolve()));
  }

  /** Connects, reads the greeting and logs in. */
  static async logIn(target: ClientTarget): Promise<MailClient> {
    const client = new MailClient(target);
    try {
      await client.expect(/\r\n$/);
      const user = `user${String(nextUser++ % target.userCount).padStart(5, '0')}@example.test`;
      if (target.protocol === 'imap') await client.ask('l1', `LOGIN "${user}" "secret"`);
      else {
        await client.#askPop3(`USER ${user}`);
        await client.#askPop3('PASS secret');
      }
      return client;
    } catch (error) {
      client.destroy();
      throw error;
    }
  }

  /** Says a command of POP3 that has an answer of one line. */
  #askPop3(command: string): Promise<number> {
    const answer = this.expect(/^\+OK[^\r]*\r\n$/);
    this.#socket.write(`${command}\r\n`, 'latin1');
    return answer;
  }

  /** Says a command of IMAP and waits for its tagged OK. @returns How many octets the answer had. */
  ask(tag: string, command: string): Promise<number> {
    const answer = this.expect(new RegExp(`(?:^|\n)${tag} OK [^\r]*\r\n$`));
    this.#socket.write(`${tag} ${command}\r\n`, 'latin1');
    return answer;
  }

  /** Waits until what was received ends so. */
  expect(ends: RegExp): Promise<number> {
    this.#tail = '';
    this.#octets = 0;
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    return new Promise((resolve, reject) => {
      this.#waiter = { ends, resolve, reject };
    });
  }

  /** Ends the session in order. */
  async logOut(): Promise<void> {
    await (this.#protocol === 'imap' ? this.ask('z1', 'LOGOUT') : this.#askPop3('QUIT'));
    this.#socket.end();
    await this.#closed;
  }

  /** Why the connection is of no use any more. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  /** Goes into IDLE (RFC 2177), where silence is no fault. */
  async idle(): Promise<void> {
    const invited = this.expect(/^\+ [^\r]*\r\n$/);
    this.#socket.write('i1 IDLE\r\n', 'latin1');
    await invited;
    this.#socket.setTimeout(0);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(count: number): boolean {
    this.#octets += count;
    const fresh = BUFFER.toString('latin1', Math.max(0, count - TAIL_CHARACTERS), count);
    this.#tail = (this.#tail + fresh).slice(-TAIL_CHARACTERS);
    const waiter = this.#waiter;
    if (waiter === undefined) return true;
    if (waiter.ends.test(this.#tail)) {
      this.#waiter = undefined;
      waiter.resolve(this.#octets);
    } else if (/(?:^|\n)(?:\w+ (?:NO|BAD)|-ERR) [^\r]*\r\n$/.test(this.#tail)) {
      this.#fail(new Error(`refused: ${this.#tail.trim().slice(-120)}`));
    }
    return true;
  }

  #fail(error: Error): void {
    this.#fault ??= error;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.reject(this.#fault);
  }
}
