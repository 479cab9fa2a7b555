/** A smart host on a real socket, every step of which the test states, and what is sent to it. */
import type { DeliveryRequest, RequestedRecipient } from '@homeward/mail-queue';
import { NO_MAIL_PARAMETERS, NO_RECIPIENT_PARAMETERS } from '@homeward/smtp/grammar';
import { ClientTls, type NetClock } from '@homeward/net';
import { systemClock } from '@homeward/service';
import type { ScriptedPeer, ScriptedServer, ServerTls } from '@homeward/testkit';
import { type RelaySettings, relaySchema, type SmartHostSettings } from '../relay-settings.ts';
import { SmartHostTransport } from '../smart-host-transport.ts';

/** What a good host offers. */
export const EXTENSIONS = ['PIPELINING', 'SIZE 36700160', '8BITMIME', 'SMTPUTF8', 'DSN'] as const;

/** Answers EHLO. */
export async function offer(
  peer: ScriptedPeer,
  extensions: readonly string[] = EXTENSIONS,
): Promise<void> {
  await peer.expectLine(/^EHLO \S+$/u);
  const lines = ['mx.example', ...extensions];
  const last = lines.length - 1;
  await peer.send(lines.map((line, at) => `250${at < last ? '-' : ' '}${line}\r\n`).join(''));
}

/** Greeting and EHLO. */
export async function greet(peer: ScriptedPeer, extensions?: readonly string[]): Promise<void> {
  await peer.sendLine('220 mx.example ESMTP');
  await offer(peer, extensions);
}

/** Greeting, STARTTLS, and EHLO anew. */
export async function greetByStartTls(
  peer: ScriptedPeer,
  tls: ServerTls,
  extensions?: readonly string[],
): Promise<void> {
  await greet(peer, ['STARTTLS']);
  await peer.expectLine('STARTTLS');
  await peer.sendLine('220 go ahead');
  await peer.startTls(tls);
  await offer(peer, extensions);
}

/** Takes an envelope that comes in one piece with DATA. @returns Its lines. */
export async function takeEnvelope(
  peer: ScriptedPeer,
  replies: readonly string[] = [],
): Promise<readonly string[]> {
  const lines: string[] = [];
  while (lines.at(-1) !== 'DATA') lines.push(await peer.readLine());
  const answers = lines.map((line, at) => {
    return replies[at] ?? (line === 'DATA' ? '354 go ahead' : '250 2.1.0 fine');
  });
  await peer.send(answers.map((answer) => `${answer}\r\n`).join(''));
  return lines;
}

/** Takes one message. @returns Its envelope and its lines, dots not taken off. */
export async function takeMessage(
  peer: ScriptedPeer,
  reply: string = '250 2.0.0 taken as 1234',
): Promise<{ readonly envelope: readonly string[]; readonly lines: readonly string[] }> {
  const envelope = await takeEnvelope(peer);
  const lines = await takeContent(peer);
  await peer.sendLine(reply);
  return { envelope, lines };
}

/** The lines up to the dot. */
export async function takeContent(peer: ScriptedPeer): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let line = await peer.readLine(); line !== '.'; line = await peer.readLine()) {
    lines.push(line);
  }
  return lines;
}

/** The settings of one host, without TLS unless `changes` say otherwise. */
export function hostAt(
  { host, port }: Pick<ScriptedServer, 'host' | 'port'>,
  changes: Partial<SmartHostSettings> = {},
): Partial<SmartHostSettings> {
  return { host, port, tls: 'off', ...changes };
}

/** Settings as the schema makes them. */
export function relaySettings(
  smartHosts: readonly Partial<SmartHostSettings>[],
  changes: Partial<RelaySettings> = {},
): RelaySettings {
  return relaySchema.parse({ smartHosts, name: 'site.example', ...changes });
}

/** A transport, and what it said of its hosts. `using` closes it. */
export function openTransport(
  settings: RelaySettings | (() => RelaySettings),
  clock: NetClock = systemClock,
): Disposable & {
  readonly transport: SmartHostTransport;
  readonly news: readonly string[];
} {
  const news: string[] = [];
  const transport = new SmartHostTransport({
    clock,
    createTls: (options) => new ClientTls(options),
    settings: typeof settings === 'function' ? settings : () => settings,
    onAvailability: (_name, isAvailable, reason) => {
      news.push(`${isAvailable ? 'back' : 'away'}: ${reason}`);
    },
  });
  return { transport, news, [Symbol.dispose]: () => transport.close() };
}

/** Recipients without parameters. */
export function recipients(...addresses: readonly string[]): readonly RequestedRecipient[] {
  return addresses.map((address) => ({ address, parameters: NO_RECIPIENT_PARAMETERS }));
}

/** A small message to one recipient. */
export function request(changes: Partial<DeliveryRequest> = {}): DeliveryRequest {
  const text = Buffer.from('Subject: hi\r\n\r\nhello\r\n');
  return {
    reference: 'r-1',
    sender: 'anna@example.org',
    parameters: NO_MAIL_PARAMETERS,
    sizeBytes: text.length,
    recipients: recipients('bob@elsewhere.example'),
    async *readMessage() {
      yield text;
    },
    ...changes,
  };
}
