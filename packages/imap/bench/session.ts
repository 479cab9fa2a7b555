/**
 * Measures a session by itself: `node packages/imap/bench/session.ts [message count]`. The mail
 * lies in memory and the client takes everything at once, so what is counted is the session's
 * own work. CPU time of the process, the median of several runs; profile with `--cpu-prof`.
 */
import type { OctetStream, StreamEnd } from '@homeward/wire';
import type { Uid } from '../src/ids.ts';
import { createKeptTexts } from '../src/session/fetch/kept-texts.ts';
import { createImapSession } from '../src/session/imap-session.ts';
import { MemoryMailbox } from '../src/session/memory/memory-mailbox.ts';
import { deliver } from '../src/session/testing/session-peer.ts';
import { describeMessage } from '../src/session/testing/describe-message.ts';

const RUNS = 9;
const MESSAGE_BYTES = 10_240;
const messageCount = Number(process.argv[2] ?? 10_000);

/** What is asked, and how many milliseconds it may take with 10,000 messages. */
const commands: readonly { readonly line: string; readonly aimMs?: number }[] = [
  { line: 'SELECT INBOX' },
  { line: 'FETCH 1:* (FLAGS)' },
  { line: 'FETCH 1:* (FLAGS UID)', aimMs: 5 },
  { line: 'UID FETCH 1:* (UID RFC822.SIZE FLAGS INTERNALDATE)' },
  { line: 'FETCH 1:* (ENVELOPE)', aimMs: 40 },
  { line: 'FETCH 1:* (UID FLAGS RFC822.SIZE ENVELOPE BODYSTRUCTURE)' },
  { line: 'UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE MESSAGE-ID)])' },
  { line: 'FETCH 1:* (BODY.PEEK[HEADER])' },
  { line: 'FETCH 1:* (BODY.PEEK[])', aimMs: 60 },
  { line: 'FETCH 1:* (BODY.PEEK[1])' },
  { line: 'STORE 1:* +FLAGS (\\Flagged)' },
  { line: 'STORE 1:* -FLAGS.SILENT (\\Flagged)' },
  { line: 'SEARCH UNSEEN' },
  { line: 'SEARCH SINCE 1-Jan-2026 SMALLER 100000 NOT DELETED' },
  { line: 'UID SEARCH 1:* UNDELETED' },
  { line: 'SEARCH FROM "nobody" SUBJECT "99"' },
  { line: 'SEARCH SUBJECT "number 77"' },
  { line: 'SEARCH BODY "needle in 77"', aimMs: 300 },
  { line: 'SEARCH TEXT "not there"' },
];

/** A client that reads at once and has one command under way. */
class Client implements OctetStream {
  receivedBytes = 0;
  #send: ((octets: Uint8Array | StreamEnd) => void) | undefined;
  #unsent: Uint8Array | undefined;
  #answered: ((line: string) => void) | undefined;

  read(): Promise<Uint8Array | StreamEnd> {
    const unsent = this.#unsent;
    this.#unsent = undefined;
    if (unsent !== undefined) return Promise.resolve(unsent);
    return new Promise((resolve) => {
      this.#send = resolve;
    });
  }

  write(octets: Uint8Array | string): undefined {
    this.receivedBytes += octets.length;
    const tail = typeof octets === 'string' ? octets.slice(-100) : tailOf(octets);
    const tagged = /(?:^|\n)t ([^\r\n]*)\r\n$/.exec(tail)?.[1];
    if (tagged !== undefined) this.#answered?.(tagged);
  }

  cork(): void {
    // Nothing is kept.
  }

  uncork(): void {
    // Nothing is kept.
  }

  /** Sends a command; resolves when it is answered. */
  async ask(line: string): Promise<void> {
    const answered = new Promise<string>((resolve) => {
      this.#answered = resolve;
    });
    const octets = Buffer.from(`t ${line}\r\n`);
    if (this.#send === undefined) this.#unsent = octets;
    else this.#send(octets);
    this.#send = undefined;
    const tagged = await answered;
    if (!tagged.startsWith('OK')) throw new Error(`${line}: ${tagged}`);
  }
}

function tailOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length)
    .toString('latin1')
    .slice(-200);
}

function createMessage(number: number): Buffer {
  const header = [
    `Received: from relay.example.test by mx.example.test; Mon, 5 Jan 2026 10:00:00 +0000`,
    `From: "Sender ${number % 100}" <sender${number % 100}@example.test>`,
    `To: "Reader" <reader@example.test>, other${number % 7}@example.test`,
    `Subject: This is message number ${number}`,
    `Date: Mon, 5 Jan 2026 10:00:00 +0000`,
    `Message-ID: <${number}.bench@example.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 7bit',
    '',
    `There is a needle in ${number} of this haystack.`,
    '',
  ].join('\r\n');
  const line = 'The quick brown fox jumps over the lazy dog, and does so many times a day.\r\n';
  return Buffer.from(header.padEnd(MESSAGE_BYTES, line), 'latin1');
}

async function createMailbox(): Promise<MemoryMailbox> {
  const mailbox = new MemoryMailbox({
    describe: (uid: Uid, octets: Uint8Array) => describeMessage(uid, octets),
    nowMs: () => Date.UTC(2026, 0, 5, 10),
  });
  for (let number = 1; number <= messageCount; number += 1) {
    const flags = number % 3 === 0 ? ['\\Seen'] : number % 5 === 0 ? ['\\Seen', '$Work'] : [];
    await deliver(mailbox, createMessage(number), { flags });
  }
  return mailbox;
}

async function main(): Promise<void> {
  const client = new Client();
  const session = createImapSession({
    stream: client,
    mailbox: await createMailbox(),
    limits: { commandBytes: 10_000, messageBytes: 1_000_000 },
    early: new Uint8Array(),
    options: {
      capabilities: 'IMAP4rev1',
      serverId: new Map(),
      farewell: 'Goodbye',
      maxBadCommands: 20,
      keptTexts: createKeptTexts(64 * 1024 * 1024),
      nowMs: () => Date.UTC(2026, 0, 5, 10),
      remindRegularly: () => () => undefined,
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      observe: (event) => {
        if (event.kind === 'failed') throw event.error;
      },
    },
  });
  void session.run();
  for (const { line, aimMs } of commands) {
    const timesMs: number[] = [];
    const before = client.receivedBytes;
    for (let run = 0; run < RUNS; run += 1) {
      const started = process.cpuUsage();
      await client.ask(line);
      const { user, system } = process.cpuUsage(started);
      timesMs.push((user + system) / 1_000);
    }
    const megabytes = (client.receivedBytes - before) / RUNS / 1e6;
    const sorted = timesMs.toSorted((left, right) => left - right);
    const medianMs = sorted[RUNS >> 1] ?? 0;
    const aim = aimMs === undefined ? '' : `  aim ${aimMs}${medianMs > aimMs ? ' MISSED' : ''}`;
    process.stdout.write(
      `${medianMs.toFixed(1).padStart(8)} ms  best ${(sorted[0] ?? 0).toFixed(1).padStart(6)} ${megabytes.toFixed(1).padStart(7)} MB  ${line}${aim}\n`,
    );
  }
}

await main();
process.exit(0);
