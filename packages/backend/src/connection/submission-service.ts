/** Submission at a worker: mail from people whose mailboxes are here. */
import type { Mailbox } from '@homeward/mailstore';
import { createSmtpLoginDialogue, type SmtpLoginOptions } from '@homeward/smtp/preauth';
import { createSmtpSession, type MailPort, type SessionEvent } from '@homeward/smtp/session';
import type { Login } from '../login/login.ts';
import { type OpenedMailbox, storeQuota } from '../mail/open-mailbox.ts';
import type { SubmissionSettings } from '../submission/submission-settings.ts';
import { noteSmtpCommand } from './protocol-lines.ts';
import type { ProtocolService } from './protocol-service.ts';

/** Consecutive wrong commands before a session ends. Exchange: MaxProtocolErrors, 5. */
const MAX_BAD_COMMANDS = 10;

export interface SubmissionServiceParts {
  /** Asked when a connection begins. */
  readonly login: () => Pick<
    SmtpLoginOptions,
    | 'banner'
    | 'loginType'
    | 'mechanisms'
    | 'alwaysOffered'
    | 'offersStartTls'
    | 'earlyBytes'
    | 'badCommandLimit'
    | 'commandBytes'
  >;
  /** Those in force; read when a session begins. */
  readonly settings: () => SubmissionSettings;
  /** Read at each use. */
  readonly limits: { readonly submissionCommandBytes: number };
  readonly openMailbox: (login: Login) => Promise<OpenedMailbox>;
  /** @param mailbox The session's; it stays open as long. */
  readonly createPort: (login: Login, mailbox: Mailbox, isEncrypted: boolean) => MailPort;
  readonly breathe: () => Promise<void>;
  readonly elapsedMs: () => number;
  readonly observe: (event: SessionEvent) => void;
}

/** What a session holds, and who holds it. */
export interface SenderMailbox {
  readonly mailbox: Mailbox;
  readonly login: Login;
}

/** The service of one worker. */
export function createSubmissionService(
  parts: SubmissionServiceParts,
): ProtocolService<SenderMailbox> {
  return {
    protocol: 'submission',
    // Asked for by EHLO.
    capabilities: undefined,
    createDialogue: ({ isEncrypted, surroundings }) => {
      const { serverName, maxMessageBytes, extensions } = parts.settings();
      return createSmtpLoginDialogue({
        ...parts.login(),
        serverName,
        messageBytes: maxMessageBytes,
        extensions,
        isEncrypted,
        surroundings,
      });
    },
    open: async (login) => {
      const opened = await parts.openMailbox(login);
      if (!opened.ok) return opened;
      return { ok: true, login, resource: { mailbox: opened.mailbox, login } };
    },
    createSession: (stream, { login, mailbox }, { early, choices, lines, reference }) => {
      const { serverName, maxMessageBytes, maxRecipients, extensions } = parts.settings();
      const session = createSmtpSession({
        stream,
        port: parts.createPort(login, mailbox, stream.tls !== undefined),
        early,
        reference,
        options: {
          protocol: 'submission',
          serverName,
          clientName: choices?.clientName,
          messageBytes: maxMessageBytes,
          extensions,
          recipientLimit: maxRecipients,
          // RFC 5321 §4.5.3.1.4 asks for 512; parameters want more.
          commandBytes: parts.limits.submissionCommandBytes,
          badCommandLimit: MAX_BAD_COMMANDS,
          breathe: parts.breathe,
          elapsedMs: parts.elapsedMs,
          observe(event) {
            parts.observe(event);
            noteSmtpCommand(lines, event);
          },
        },
      });
      return {
        run: () => session.run(),
        // Of the mail store clients are told no more than: come back later.
        requestEnd: (reason) =>
          session.requestEnd(reason === 'mail-unavailable' ? 'shutting-down' : reason),
      };
    },
    setQuota: ({ mailbox }, quota) => mailbox.setQuota(storeQuota(quota)),
    onLost: ({ mailbox }, listener) => mailbox.onBroken(listener),
    release: async ({ mailbox }) => mailbox.close(),
  };
}
