/** A client with a session of its own behind it, in memory. */
import {
  type Chunking,
  type MemoryStream,
  type TranscriptConnection,
  createMemoryStreamPair,
} from '@homeward/testkit';
import { createKeptTexts } from '../fetch/kept-texts.ts';
import { type ImapSession, createImapSession } from '../imap-session.ts';
import { MemoryMailbox } from '../memory/memory-mailbox.ts';
import type { MemoryMailboxOptions } from '../memory/memory-options.ts';
import type { MailboxPort } from '../ports.ts';
import type { ImapSessionOptions, SessionEnd, SessionEvent } from '../session-context.ts';
import { describeMessage } from './describe-message.ts';

/** What a test wants otherwise than usual. */
export interface SessionPeerOptions {
  readonly mailbox?: MailboxPort;
  readonly chunking?: Chunking;
  readonly maxBadCommands?: number;
  readonly messageBytes?: number;
  readonly commandBytes?: number;
  readonly early?: string;
  readonly breathe?: ImapSessionOptions['breathe'];
  readonly nowMs?: () => number;
}

/** An answer up to its tagged line. */
export interface Answer {
  readonly untagged: readonly string[];
  readonly tagged: string;
}

/** Opens an empty mailbox. */
export function createTestMailbox(options: Partial<MemoryMailboxOptions> = {}): MemoryMailbox {
  return new MemoryMailbox({
    describe: describeMessage,
    nowMs: () => Date.UTC(2026, 10, 23),
    ...options,
  });
}

/** Puts a message into a folder behind every session's back. */
export async function deliver(
  mailbox: MailboxPort,
  octets: Uint8Array | string,
  into: { readonly path?: string; readonly flags?: readonly string[] } = {},
): Promise<void> {
  const { path = 'INBOX', flags = [] } = into;
  const message = Buffer.from(octets);
  const opened = await mailbox.startAppend(path);
  if (!opened.ok) throw new Error(opened.reason);
  const append = opened.value;
  const arriving = { flags, internalDate: undefined, sizeBytes: message.length };
  const started = await append.startMessage(arriving);
  if (!started.ok) throw new Error(started.reason);
  await append.write(message);
  const ended = await append.endMessage();
  if (!ended.ok) throw new Error(ended.reason);
  const stored = await append.commit(undefined);
  if (!stored.ok) throw new Error(stored.reason);
}

/** Speaks to a session of its own. */
export class SessionPeer implements TranscriptConnection {
  readonly client: MemoryStream;
  readonly server: MemoryStream;
  readonly mailbox: MailboxPort;
  readonly session: ImapSession;
  readonly ended: Promise<SessionEnd>;
  readonly events: SessionEvent[] = [];
  /** To be called when time is over. */
  readonly reminders: Set<() => void> = new Set();
  /** What came ahead of compression; octets go on uncompressed here. */
  compressedEarly: string | undefined;
  #received: Buffer = Buffer.alloc(0);

  constructor(options: SessionPeerOptions = {}) {
    const { client, server } = createMemoryStreamPair({
      chunking: options.chunking ?? 'as-written',
    });
    this.client = client;
    this.server = server;
    this.mailbox = options.mailbox ?? createTestMailbox();
    this.session = createImapSession({
      stream: server,
      mailbox: this.mailbox,
      limits: {
        commandBytes: options.commandBytes ?? 10_000,
        messageBytes: options.messageBytes ?? 1_000_000,
      },
      early: Buffer.from(options.early ?? ''),
      startCompression: (early) => {
        this.compressedEarly = Buffer.from(early).toString('latin1');
      },
      options: {
        capabilities: 'IMAP4rev1 IDLE',
        serverId: new Map([['name', 'Homeward']]),
        farewell: 'Goodbye',
        maxBadCommands: options.maxBadCommands ?? 20,
        keptTexts: createKeptTexts(1_000_000),
        nowMs: options.nowMs ?? (() => Date.UTC(2026, 10, 23)),
        remindRegularly: (_intervalMs, remind) => {
          this.reminders.add(remind);
          return () => this.reminders.delete(remind);
        },
        breathe: options.breathe ?? (async () => undefined),
        observe: (event) => {
          this.events.push(event);
        },
      },
    });
    this.ended = this.session.run().finally(() => server.end());
  }

  /** Sends text as Latin-1. */
  send(text: string): void {
    void this.client.write(text);
  }

  async readLine(): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf('\r\n');
      if (end >= 0) return this.#take(end + 2).slice(0, -2);
      await this.#receive();
    }
  }

  async readOctets(count: number): Promise<string> {
    while (this.#received.length < count) await this.#receive();
    return this.#take(count);
  }

  /** A line with the literals in it, the last line end left out. */
  async readResponse(): Promise<string> {
    let text = await this.readLine();
    for (;;) {
      const size = /\{(\d+)\}$/.exec(text)?.[1];
      if (size === undefined) return text;
      text += `\r\n${await this.readOctets(Number(size))}${await this.readLine()}`;
    }
  }

  /** Sends a command and gives its whole answer. */
  async ask(line: string): Promise<Answer> {
    this.send(`${line}\r\n`);
    return await this.readAnswer(line.split(' ', 1)[0] ?? '');
  }

  async readAnswer(tag: string): Promise<Answer> {
    const untagged: string[] = [];
    for (;;) {
      const response = await this.readResponse();
      if (response.startsWith(`${tag} `)) return { untagged, tagged: response };
      untagged.push(response);
    }
  }

  /** Sends a command and gives its tagged answer. */
  async command(line: string): Promise<string> {
    return (await this.ask(line)).tagged;
  }

  async #receive(): Promise<void> {
    const octets = await this.client.read();
    if (typeof octets === 'string') throw new Error(`the session ${octets}`);
    this.#received = Buffer.concat([this.#received, octets]);
  }

  #take(count: number): string {
    const taken = this.#received.toString('latin1', 0, count);
    this.#received = this.#received.subarray(count);
    return taken;
  }
}
