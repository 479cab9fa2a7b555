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
import { ImapMailbox } from '../mail/imap-mailbox.ts';
import { type OpenedMailbox, storeQuota } from '../mail/open-mailbox.ts';
import { READING_RIGHTS } from '../mail/rights/folder-rights.ts';
import { GuardedMailbox, sameRightsEverywhere } from '../mail/rights/guarded-mailbox.ts';
import { CompressibleStream } from './compressible-stream.ts';
import type { ProtocolService } from './protocol-service.ts';

/** Consecutive wrong commands before a session ends. */
const MAX_BAD_COMMANDS = 50;
/** Formatted answers that a worker keeps: some 200,000 messages' ENVELOPEs. */
const KEPT_TEXT_BYTES = 64 * 1024 * 1024;

export interface ImapServiceParts {
  readonly login: Pick<
    ImapLoginOptions,
    'banner' | 'loginType' | 'mechanisms' | 'offersStartTls' | 'earlyBytes' | 'badCommandLimit'
  >;
  /** Read at each use. */
  readonly limits: { readonly imapCommandBytes: number; readonly messageBytes: number };
  readonly openMailbox: (login: Login) => Promise<OpenedMailbox>;
  readonly nowMs: () => number;
  readonly breathe: () => Promise<void>;
  readonly remindRegularly: ImapSessionOptions['remindRegularly'];
  readonly observe: (event: SessionEvent) => void;
  readonly onAppended: (byteCount: number) => void;
}

/** What a session holds, and how it may use it. */
export interface HeldMailbox {
  readonly mailbox: Mailbox;
  readonly access: Login['access'];
}

/** The service of one worker. */
export function createImapService(parts: ImapServiceParts): ProtocolService<HeldMailbox> {
  const serverId = new Map([['name', 'Homeward']]);
  const capabilities = capabilitiesWithLimit(parts.limits.messageBytes);
  const options: ImapSessionOptions = {
    capabilities: capabilities.join(' '),
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
    capabilities: options.capabilities,
    createDialogue: ({ isEncrypted }) =>
      createImapLoginDialogue({
        ...parts.login,
        isEncrypted,
        capabilities,
        serverId,
        commandBytes: parts.limits.imapCommandBytes,
      }),
    open: async (login) => {
      const opened = await parts.openMailbox(login);
      if (!opened.ok) return opened;
      return { ok: true, login, resource: { mailbox: opened.mailbox, access: login.access } };
    },
    createSession: (connection, held, early) => {
      const stream = new CompressibleStream(connection);
      const session = createImapSession({
        stream,
        mailbox: mailboxFor(held, parts.onAppended),
        limits: {
          commandBytes: parts.limits.imapCommandBytes,
          messageBytes: parts.limits.messageBytes,
        },
        options,
        early,
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

function mailboxFor(
  { mailbox, access }: HeldMailbox,
  onAppended: ImapServiceParts['onAppended'],
): MailboxPort {
  const whole = new ImapMailbox(mailbox, onAppended);
  if (access === 'full') return whole;
  return new GuardedMailbox(whole, sameRightsEverywhere(READING_RIGHTS));
}
