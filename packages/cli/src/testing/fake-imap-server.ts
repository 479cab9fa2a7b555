/**
 * A small IMAP server for tests of the import: what real ones do and none of ours does, such as
 * dropping the connection in the middle, refusing one message, or lying about a size.
 */
import { type ScriptedPeer, type ScriptedServer, startScriptedServer } from '@homeward/testkit';

export interface FakeMessage {
  readonly octets: Buffer;
  readonly flags?: string;
  /** RFC822.SIZE, where it is a lie. */
  readonly toldBytes?: number;
  /** FETCH of its octets is refused. */
  readonly isBroken?: boolean;
  /** From this octet on, FETCH knows of no such message. */
  readonly goneFromByte?: number;
  /** The server gives no more at once, whatever it is asked for. */
  readonly mostBytes?: number;
  /** EMAILID, where the server has OBJECTID. */
  readonly emailId?: string;
}

export interface FakeFolder {
  readonly attributes?: string;
  readonly uidValidity?: number;
  /** UIDs 1, 2, … */
  readonly messages: readonly FakeMessage[];
}

export interface FakeImapOptions {
  readonly folders: Readonly<Record<string, FakeFolder>>;
  readonly delimiter?: string;
  /** Beside IMAP4rev1. */
  readonly capabilities?: string;
  /** The answer to NAMESPACE. */
  readonly namespace?: string;
  /** After so many octets of messages the connection is cut; asked for at each connection. */
  readonly cutAfterBytes?: (connection: number) => number | undefined;
  /** Connections, from 1 on, that are cut instead of greeted. */
  readonly isAway?: (connection: number) => boolean;
}

/** A running one. `await using` closes it. */
export interface FakeImapServer extends AsyncDisposable {
  /** `imap://host:port`; there is no TLS. */
  readonly url: string;
  /** Commands of all connections, without tags. */
  readonly commands: readonly string[];
}

export async function startFakeImapServer(options: FakeImapOptions): Promise<FakeImapServer> {
  const commands: string[] = [];
  const server: ScriptedServer = await startScriptedServer(async (peer, connection) => {
    if (options.isAway?.(connection) === true) {
      peer.reset();
      return;
    }
    await new FakeSession(peer, options, commands, connection).run();
  });
  return {
    url: `imap://${server.host}:${server.port}`,
    commands,
    // A client that is killed leaves a script without its other end; that is no failure here.
    [Symbol.asyncDispose]: () => server.kill(),
  };
}

class FakeSession {
  readonly #peer: ScriptedPeer;
  readonly #options: FakeImapOptions;
  readonly #commands: string[];
  #selected: FakeFolder | undefined;
  #bytesLeft: number;

  constructor(
    peer: ScriptedPeer,
    options: FakeImapOptions,
    commands: string[],
    connection: number,
  ) {
    this.#peer = peer;
    this.#options = options;
    this.#commands = commands;
    this.#bytesLeft = options.cutAfterBytes?.(connection) ?? Infinity;
  }

  async run(): Promise<void> {
    const { capabilities = '' } = this.#options;
    await this.#say(`* OK [CAPABILITY IMAP4rev1 ${capabilities}] ready`);
    for (;;) {
      const line = await this.#peer.readLine();
      const [tag = '', ...words] = line.split(' ');
      const command = words.join(' ');
      this.#commands.push(command);
      const answer = await this.#answer(command);
      if (answer === 'cut') return;
      await this.#say(`${tag} ${answer}`);
      if (/^LOGOUT/i.test(command)) return;
    }
  }

  async #answer(command: string): Promise<string> {
    const { folders, delimiter = '/', namespace = '(("" "/")) NIL NIL' } = this.#options;
    const [name = ''] = command.toUpperCase().replace(/^UID /, 'UID-').split(' ');
    switch (name) {
      case 'NAMESPACE':
        await this.#say(`* NAMESPACE ${namespace}`);
        return 'OK';
      case 'LIST':
      case 'LSUB':
        if (/^LIST "" ""$/i.test(command)) await this.#say(`* LIST (\\Noselect) "${delimiter}" ""`);
        else
          await this.#list(
            name,
            /^\w+ "([^"]*)" "?([^"]*)/.exec(command)?.slice(1).join('') ?? '*',
          );
        return 'OK';
      case 'STATUS': {
        const path = pathIn(command);
        await this.#say(`* STATUS "${path}" (MESSAGES ${folders[path]?.messages.length ?? 0})`);
        return 'OK';
      }
      case 'EXAMINE':
        this.#selected = folders[pathIn(command)];
        await this.#say(`* ${this.#selected?.messages.length ?? 0} EXISTS`);
        await this.#say(`* OK [UIDVALIDITY ${this.#selected?.uidValidity ?? 1}]`);
        return 'OK [READ-ONLY]';
      case 'UID-SEARCH':
        await this.#say(
          `* SEARCH${this.#selected?.messages.map((_, at) => ` ${at + 1}`).join('')}`,
        );
        return 'OK';
      case 'UID-FETCH':
        return this.#fetch(command);
      default:
        return 'OK';
    }
  }

  async #list(name: string, pattern: string): Promise<void> {
    const { folders, delimiter = '/' } = this.#options;
    for (const [path, { attributes = '' }] of Object.entries(folders)) {
      if (pattern !== path && !(pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))))
        continue;
      await this.#say(`* ${name} (${attributes}) "${delimiter}" "${path}"`);
    }
  }

  async #fetch(command: string): Promise<string> {
    const found = /^UID FETCH (\S+) .*?(?:BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?|$)/i.exec(command);
    const isBody = command.includes('BODY.PEEK[]');
    const start = Number(found?.[2] ?? 0);
    const count = Number(found?.[3] ?? Infinity);
    for (const uid of uidsIn(found?.[1] ?? '')) {
      const message = this.#selected?.messages[uid - 1];
      if (message === undefined || start >= (message.goneFromByte ?? Infinity)) continue;
      const end = start + Math.min(count, message.mostBytes ?? Infinity);
      const { octets, flags = '', toldBytes = octets.length, emailId } = message;
      if (isBody && message.isBroken === true) return 'NO [SERVERBUG] it is damaged here';
      const id = emailId === undefined ? '' : ` EMAILID (${emailId})`;
      const facts = `UID ${uid} FLAGS (${flags}) RFC822.SIZE ${toldBytes}${id}`;
      const head = `* ${uid} FETCH (${facts} INTERNALDATE "02-Feb-2022 02:02:02 +0000"`;
      if (!isBody) await this.#say(`${head})`);
      else if (!(await this.#sendBody(head, octets.subarray(start, end), start))) return 'cut';
    }
    return 'OK';
  }

  /** @returns False if the connection was cut. */
  async #sendBody(head: string, octets: Buffer, start: number): Promise<boolean> {
    const origin = start === 0 ? '' : `<${start}>`;
    await this.#say(`${head} BODY[]${origin} {${octets.length}}`);
    const whole = octets.length <= this.#bytesLeft;
    await this.#peer.send(octets.subarray(0, this.#bytesLeft).toString('latin1'));
    this.#bytesLeft -= octets.length;
    if (!whole) {
      this.#peer.reset();
      return false;
    }
    await this.#say(')');
    return true;
  }

  async #say(line: string): Promise<void> {
    await this.#peer.sendLine(line);
  }
}

function pathIn(command: string): string {
  return (
    /^\w+ (?:"([^"]*)"|(\S+))/
      .exec(command)
      ?.slice(1)
      .find((one) => one !== undefined) ?? ''
  );
}

function uidsIn(set: string): readonly number[] {
  return set.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split(':').map(Number);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
}
