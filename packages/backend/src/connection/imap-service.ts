/** IMAP at a worker. */
import { createImapLoginDialogue, type ImapLoginOptions } from '@homeward/imap/preauth';
import {
  createImapSession,
  createKeptTexts,
  capabilitiesWithLimit,
  type ImapSessionOptions,
  type MailboxPort,
  type SessionEvent,
} from '@homeward/imap/session';
import type { Mailbox } from '@homeward/mailstore';
import type { Login } from '../login/login.ts';
import { type OpenedMailbox, storeQuota } from '../mail/open-mailbox.ts';
import { CompressibleStream } from './compressible-stream.ts';
import { noteImapCommand } from './protocol-lines.ts';
import type { ProtocolService } from './protocol-service.ts';

/** Consecutive wrong commands before a session ends. */
const MAX_BAD_COMMANDS = 50;
/** Formatted answers that a worker keeps: some 200,000 messages' ENVELOPEs. */
const KEPT_TEXT_BYTES = 64 * 1024 * 1024;

export interface ImapServiceParts {
  /** Asked when a connection begins. */
  readonly login: () => Pick<
    ImapLoginOptions,
    | 'banner'
    | 'loginType'
    | 'mechanisms'
    | 'alwaysOffered'
    | 'offersStartTls'
    | 'earlyBytes'
    | 'badCommandLimit'
    | 'commandBytes'
  >;
  /** Read at each use. */
  readonly limits: { readonly imapCommandBytes: number; readonly messageBytes: number };
  readonly openMailbox: (login: Login) => Promise<OpenedMailbox>;
  readonly nowMs: () => number;
  readonly breathe: () => Promise<void>;
  readonly remindRegularly: ImapSessionOptions['remindRegularly'];
  readonly observe: (event: SessionEvent) => void;
  /** What a session sees that holds the mailbox. */
  readonly mailboxFor: (login: Login, mailbox: Mailbox) => MailboxPort;
}

/** What a session holds, and who holds it. */
export interface HeldMailbox {
  readonly mailbox: Mailbox;
  readonly login: Login;
}

/** The service of one worker. */
export function createImapService(parts: ImapServiceParts): ProtocolService<HeldMailbox> {
  const serverId = new Map([['name', 'Homeward']]);
  // APPENDLIMIT (RFC 7889) is one of them, and may change.
  const capabilities = (): readonly string[] => capabilitiesWithLimit(parts.limits.messageBytes);
  const options: Omit<ImapSessionOptions, 'capabilities'> = {
    serverId,
    farewell: 'Until next time',
    maxBadCommands: MAX_BAD_COMMANDS,
    keptTexts: createKeptTexts(KEPT_TEXT_BYTES),
    nowMs: parts.nowMs,
    breathe: parts.breathe,
    remindRegularly: parts.remindRegularly,
    observe: parts.observe,
  };
  return {
    protocol: 'imap',
    get capabilities() {
      return capabilities().join(' ');
    },
    createDialogue: ({ isEncrypted, surroundings }) =>
      createImapLoginDialogue({
        ...parts.login(),
        isEncrypted,
        surroundings,
        capabilities: capabilities(),
        serverId,
      }),
    open: async (login) => {
      const opened = await parts.openMailbox(login);
      if (!opened.ok) return opened;
      return { ok: true, login, resource: { mailbox: opened.mailbox, login } };
    },
    createSession: (connection, { login, mailbox }, { early, lines, reference }) => {
      const stream = new CompressibleStream(connection);
      const session = createImapSession({
        stream,
        mailbox: parts.mailboxFor(login, mailbox),
        limits: {
          commandBytes: parts.limits.imapCommandBytes,
          messageBytes: parts.limits.messageBytes,
        },
        options: {
          ...options,
          capabilities: capabilities().join(' '),
          observe(event) {
            parts.observe(event);
            noteImapCommand(lines, event);
          },
        },
        early,
        reference,
        startCompression: (rest) => stream.startCompression(rest),
      });
      return {
        run: () => session.run().finally(() => stream.close()),
        requestEnd: (reason) => session.requestEnd(reason),
      };
    },
    setQuota: ({ mailbox }, quota) => mailbox.setQuota(storeQuota(quota)),
    onLost: ({ mailbox }, listener) => mailbox.onBroken(listener),
    release: async ({ mailbox }) => mailbox.close(),
  };
}
