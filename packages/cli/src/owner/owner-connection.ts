/**
 * An operator's session at the worker that owns a mailbox: a connection to the home over the
 * inner leg, opened with a ticket that this command line's own key signs. Commands that change
 * mail go this way, so that one process alone ever touches a mailbox.
 */
import type { AccountRecord, SiteRecord } from '@homeward/directory';
import { workerFor } from '@homeward/directory';
import { formatSessionEnd } from '@homeward/imap/grammar';
import { createImapUpstream } from '@homeward/imap/upstream';
import { type ClientTls, type DeadlineWheel, type SocketStream, dial } from '@homeward/net';
import { TICKET_EXPORTER_BYTES, TICKET_EXPORTER_LABEL, type TicketSigner } from '@homeward/ticket';
import { OctetStreamReader } from '@homeward/wire';
import { ConnectionLostError } from '../output/connection-lost-error.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

/** Without CRLF: the conversation's id may follow. */
const KICKED = formatSessionEnd('kicked').trimEnd();
const DIAL_BUDGET_MS = 10_000;
const LINE_BYTES = 64 * 1024;

/** Somebody wanted this session ended: to connect again would be against his will. */
export class SessionKickedError extends OperatorError {
  constructor() {
    super('the site ended the session, as somebody wanted it', EXIT_CODES.refused);
  }
}

/** What it takes to open one. */
export interface OwnerParts {
  readonly clientTls: ClientTls;
  readonly wheel: DeadlineWheel;
  readonly signer: TicketSigner;
  readonly conversationId: string;
}

/** A tagged answer and the untagged lines before it. */
export interface OwnerAnswer {
  readonly status: 'OK' | 'NO' | 'BAD';
  readonly text: string;
  readonly untagged: readonly string[];
}

/** Connects and logs in; the caller closes it. @throws OperatorError with what to look at. */
export async function connectToOwner(
  account: AccountRecord,
  site: SiteRecord,
  parts: OwnerParts,
): Promise<OwnerConnection> {
  if (site.foreign !== undefined) {
    throw new OperatorError(
      `${site.name} runs other software, and its mailboxes are cared for there`,
      EXIT_CODES.refused,
    );
  }
  const owner = workerFor(site, account.id);
  if (owner === undefined) {
    throw new OperatorError(`site ${site.name} has no worker for ${account.address}`);
  }
  const { host, imapsPort } = owner.address;
  const outcome = await dial(
    {
      addresses: [{ host, port: imapsPort }],
      budgetMs: DIAL_BUDGET_MS,
      tls: { client: parts.clientTls, serverName: site.serverName },
    },
    parts.wheel,
  );
  if (!outcome.ok) {
    throw new OperatorError(
      `site ${site.name} cannot be reached at ${host}:${imapsPort}: ${outcome.reason} ` +
        `(${outcome.detail}); is its back end running?`,
    );
  }
  const stream = outcome.stream;
  const loggedIn = await logIn(stream, account, site, parts).catch((error: unknown) => {
    stream.destroy('login failed');
    throw error;
  });
  return new OwnerConnection(stream, loggedIn);
}

/** What a login leaves behind. */
interface LoggedIn {
  readonly capabilities: string | undefined;
  readonly early: Uint8Array;
}

async function logIn(
  stream: SocketStream,
  account: AccountRecord,
  site: SiteRecord,
  parts: OwnerParts,
): Promise<LoggedIn> {
  const upstream = createImapUpstream({ clientId: undefined });
  for (;;) {
    const octets = await stream.read();
    if (typeof octets === 'string') throw new OperatorError(`site ${site.name} hung up: ${octets}`);
    for (const step of upstream.receive(octets)) {
      switch (step.kind) {
        case 'ready':
          for (const reply of upstream.login(signTicket(stream, account, site, parts))) {
            if (reply.kind === 'send') await stream.write(reply.octets);
          }
          break;
        case 'send':
          await stream.write(step.octets);
          break;
        case 'logged-in':
          return step;
        case 'refused':
          throw new OperatorError(
            `site ${site.name} refused to open ${account.address}: ${step.text} ` +
              '(its log has the reason)',
          );
        case 'broken':
          throw new OperatorError(`site ${site.name} does not speak IMAP: ${step.text}`);
      }
    }
  }
}

function signTicket(
  stream: SocketStream,
  account: AccountRecord,
  site: SiteRecord,
  { signer, conversationId }: OwnerParts,
): string {
  const exported = stream.exportKeyingMaterial(TICKET_EXPORTER_BYTES, TICKET_EXPORTER_LABEL);
  return signer.sign({
    sub: account.id,
    aud: site.name,
    epoch: account.epoch,
    proto: 'imap',
    sid: conversationId,
    client: { address: stream.local.address, port: stream.local.port, tls: undefined },
    login: account.address,
    act: undefined,
    access: undefined,
    quota: { bytes: account.quotaBytes, messages: account.quotaMessages },
    operator: true,
    cnf: exported && Buffer.from(exported).toString('base64url'),
  });
}

/** A literal whose octets come piece by piece. */
export interface Literal {
  readonly sizeBytes: number;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A message's octets on their way; read them to the end before the next message. */
export interface FetchedBody {
  readonly uid: number;
  readonly sizeBytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

type Response =
  | { readonly kind: 'invitation' }
  | { readonly kind: 'untagged'; readonly line: string }
  | { readonly kind: 'tagged'; readonly status: OwnerAnswer['status']; readonly text: string };

/** A logged-in connection. One command after another, or several in flight by `send`. */
export class OwnerConnection {
  /** As the site told them at the login. */
  readonly capabilities: string | undefined;
  readonly #stream: SocketStream;
  readonly #reader: OctetStreamReader;
  #tagNumber = 0;
  #farewell: string | undefined;

  constructor(stream: SocketStream, { capabilities, early }: LoggedIn) {
    this.capabilities = capabilities;
    this.#stream = stream;
    this.#reader = new OctetStreamReader(stream, early);
  }

  /**
   * Sends a command and waits for its answer; nothing else may be in flight.
   *
   * @param onUntagged Takes the untagged lines, where there may be too many to keep.
   */
  async run(command: string, onUntagged?: (line: string) => void): Promise<OwnerAnswer> {
    await this.send(command);
    return this.nextAnswer(onUntagged);
  }

  /** Sends a command whose answer is fetched later by `nextAnswer`, in order. */
  async send(command: string, literal?: Uint8Array | Literal): Promise<void> {
    if (literal === undefined) {
      await this.#stream.write(`${this.#nextTag()} ${command}\r\n`);
      return;
    }
    const { sizeBytes, chunks } =
      literal instanceof Uint8Array ? { sizeBytes: literal.length, chunks: [literal] } : literal;
    await this.#stream.write(`${this.#nextTag()} ${command} {${sizeBytes}+}\r\n`);
    await this.#writeLiteral(chunks);
  }

  /**
   * Sends a command whose literal goes out only once the site has asked for it; nothing else may
   * be in flight.
   */
  async runInvited(
    command: string,
    sizeBytes: number,
    chunks: Literal['chunks'],
  ): Promise<OwnerAnswer> {
    await this.#stream.write(`${this.#nextTag()} ${command} {${sizeBytes}}\r\n`);
    const untagged: string[] = [];
    for (;;) {
      const response = await this.#nextResponse();
      if (response.kind === 'untagged') untagged.push(response.line);
      else if (response.kind === 'tagged') return { ...response, untagged };
      else await this.#writeLiteral(chunks);
    }
  }

  /**
   * The next tagged answer.
   *
   * @throws ConnectionLostError if the connection ends before; SessionKickedError if it was ended.
   */
  async nextAnswer(onUntagged?: (line: string) => void): Promise<OwnerAnswer> {
    const untagged: string[] = [];
    const take = onUntagged ?? ((line: string): unknown => untagged.push(line));
    for (;;) {
      const response = await this.#nextResponse();
      if (response.kind === 'tagged') return { ...response, untagged };
      if (response.kind === 'untagged') take(response.line);
    }
  }

  /**
   * The octets of messages of the selected folder, in the owner's order; what was expunged
   * meanwhile is left out. Nothing else may be in flight; not to be left before its end.
   */
  async *fetchBodies(uidSet: string): AsyncGenerator<FetchedBody> {
    await this.send(`UID FETCH ${uidSet} (UID BODY.PEEK[])`);
    for (;;) {
      const response = await this.#nextResponse();
      if (response.kind === 'tagged') {
        if (response.status === 'OK') return;
        throw new OperatorError(`the site does not give messages: ${response.text}`);
      }
      if (response.kind !== 'untagged') continue;
      const found = /^\* \d+ FETCH .*UID (\d+) .*BODY\[\] (?:\{(\d+)\}|(""))/.exec(response.line);
      if (found === null) continue;
      const sizeBytes = Number(found[2] ?? 0);
      const chunks = found[2] === undefined ? noOctets() : this.#readLiteral(sizeBytes);
      yield { uid: Number(found[1]), sizeBytes, chunks };
      for await (const _ of chunks) continue;
    }
  }

  /** Says goodbye and closes. */
  async close(): Promise<void> {
    await this.#stream.write('bye LOGOUT\r\n');
    await this.#stream.end();
  }

  #nextTag(): string {
    this.#tagNumber += 1;
    return `h${this.#tagNumber}`;
  }

  async #writeLiteral(chunks: Literal['chunks']): Promise<void> {
    for await (const chunk of chunks) await this.#stream.write(chunk);
    await this.#stream.write('\r\n');
  }

  /** The literal, then the line that goes on behind it is the next one to be read. */
  async *#readLiteral(sizeBytes: number): AsyncGenerator<Uint8Array> {
    for (let left = sizeBytes; left > 0;) {
      const octets = await this.#reader.readSome(left);
      if (typeof octets === 'string') throw this.#hangUp(octets);
      left -= octets.length;
      yield octets;
    }
  }

  #hangUp(how: string): OperatorError {
    if (this.#farewell?.startsWith(KICKED) === true) return new SessionKickedError();
    return new ConnectionLostError(`the site hung up: ${this.#farewell ?? how}`);
  }

  async #nextResponse(): Promise<Response> {
    const line = await this.#reader.readLine(LINE_BYTES);
    if (typeof line === 'string') throw this.#hangUp(line);
    const text = line.octets.toString('latin1');
    if (text.startsWith('* BYE ')) this.#farewell = text;
    if (text.startsWith('+')) return { kind: 'invitation' };
    const tagged = /^h\d+ (OK|NO|BAD) (.*)$/.exec(text);
    if (tagged === null) return { kind: 'untagged', line: text };
    return {
      kind: 'tagged',
      status: tagged[1] as OwnerAnswer['status'],
      text: tagged[2] ?? '',
    };
  }
}

async function* noOctets(): AsyncGenerator<Uint8Array> {}
