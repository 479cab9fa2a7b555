/**
 * A mail server that stands for the whole Internet: it takes mail for anybody and sends nothing
 * on, so that a demo, or a test, writes to strangers whom no message ever reaches. The last
 * messages are kept, in memory and as files.
 *
 * Two recipients of every domain are not taken, to see what becomes of that: `nobody@…` is unknown
 * (550 5.1.1), `later@…` is never ready (451 4.2.1).
 */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { callbackify } from 'node:util';
import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerDataStream,
  type SMTPServerSession,
} from 'smtp-server';
import { type SunkMessage, SunkMessages } from './sunk-messages.ts';

export interface MailSinkOptions {
  readonly host: string;
  /** 0 for any. */
  readonly port: number;
  /** Offers STARTTLS with it; PEM. Without it there is no TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** For a file of each kept message; made if it is not there. */
  readonly folder?: string;
  /** Default 100. */
  readonly keptCount?: number;
  /** Of each message that are kept; default 1 MB. The message itself has no limit. */
  readonly keptBytes?: number;
}

export interface MailSink extends AsyncDisposable {
  readonly port: number;
  readonly messages: SunkMessages;
  /** Ends all connections. Idempotent. */
  close(): Promise<void>;
}

const DEFAULT_COUNT = 100;
const DEFAULT_BYTES = 1024 * 1024;
const CLIENT_LIMIT = 256;
/** Nobody waits for a farewell of the sink. */
const CLOSE_LIMIT_MS = 200;

/** Listens. @throws As `listen` does, such as EADDRINUSE. */
export async function openMailSink(options: MailSinkOptions): Promise<MailSink> {
  const { host, port, tls, folder, keptCount = DEFAULT_COUNT } = options;
  const keptBytes = options.keptBytes ?? DEFAULT_BYTES;
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const messages = new SunkMessages(keptCount, folder);
  const server = new SMTPServer({
    ...tls,
    name: 'sink.example',
    disabledCommands: tls === undefined ? ['AUTH', 'STARTTLS'] : ['AUTH'],
    hideENHANCEDSTATUSCODES: false,
    hideDSN: false,
    disableReverseLookup: true,
    maxClients: CLIENT_LIMIT,
    closeTimeout: CLOSE_LIMIT_MS,
    onRcptTo: (recipient, _session, done) => done(findRefusal(recipient)),
    onData: callbackify(async (stream: SMTPServerDataStream, session: SMTPServerSession) => {
      const message = await messages.add(await takeMessage(stream, session, keptBytes));
      return `taken as ${message.number}`;
    }),
  });
  // Clients that break off are no news.
  server.on('error', () => undefined);
  server.listen(port, host);
  await once(server.server, 'listening');
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      server.close(resolve);
    });
    return closing;
  };
  return { port: portOf(server), messages, close, [Symbol.asyncDispose]: close };
}

function portOf({ server }: SMTPServer): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address.port;
}

function findRefusal({ address }: SMTPServerAddress): Error | null {
  const name = address.slice(0, address.lastIndexOf('@')).toLowerCase();
  if (name === 'nobody') return refusal(550, 'there is nobody of that name');
  if (name === 'later') return refusal(451, 'not now');
  return null;
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

async function takeMessage(
  stream: SMTPServerDataStream,
  { envelope, secure }: SMTPServerSession,
  keptBytes: number,
): Promise<Omit<SunkMessage, 'number'>> {
  const pieces: Buffer[] = [];
  let roomBytes = keptBytes;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    if (roomBytes > 0) pieces.push(piece.subarray(0, roomBytes));
    roomBytes -= piece.length;
  }
  const { mailFrom, rcptTo } = envelope;
  return {
    sender: mailFrom === false ? '' : mailFrom.address,
    recipients: rcptTo.map(({ address }) => address),
    parameters: (mailFrom !== false && mailFrom.args) || {},
    isEncrypted: secure,
    sizeBytes: keptBytes - roomBytes,
    octets: Buffer.concat(pieces),
  };
}
