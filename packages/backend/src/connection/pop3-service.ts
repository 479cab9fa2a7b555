/** POP3 at a worker: the inbox, locked for the session. */
import { offersPasswordCommands } from '@homeward/login-guards';
import type { Maildrop, Mailbox } from '@homeward/mailstore';
import { createPop3LoginDialogue, type Pop3LoginOptions } from '@homeward/pop3/preauth';
import { createPop3Session, type MaildropPort, type SessionEvent } from '@homeward/pop3/session';
import type { MechanismName } from '@homeward/sasl';
import type { Clock } from '@homeward/service';
import type { Login } from '../login/login.ts';
import { Pop3Maildrop } from '../mail/pop3-maildrop.ts';
import { readOnlyMaildrop } from '../mail/rights/read-only-maildrop.ts';
import { type OpenedMailbox, storeQuota } from '../mail/open-mailbox.ts';
import type { Pop3Settings } from '../settings.ts';
import { LoginDelay } from './login-delay.ts';
import { notePop3Command } from './protocol-lines.ts';
import type { ProtocolService } from './protocol-service.ts';

/** Consecutive wrong commands before a session ends. */
const MAX_BAD_COMMANDS = 50;

export interface Pop3ServiceParts {
  /** Asked when a connection begins. */
  readonly login: () => Pick<
    Pop3LoginOptions,
    | 'banner'
    | 'loginType'
    | 'mechanisms'
    | 'alwaysOffered'
    | 'offersUser'
    | 'offersStls'
    | 'earlyBytes'
    | 'badCommandLimit'
    | 'commandBytes'
  >;
  /** By what people log in, here or at front ends, as far as settings tell. */
  readonly personsMechanisms: () => readonly MechanismName[];
  /** Read at each use. */
  readonly limits: { readonly pop3CommandBytes: number };
  /** Those in force; read when a session begins. */
  readonly settings: () => Pop3Settings;
  readonly clock: Pick<Clock, 'nowMs' | 'elapsedMs'>;
  readonly openMailbox: (login: Login) => Promise<OpenedMailbox>;
  readonly breathe: () => Promise<void>;
  readonly observe: (event: SessionEvent) => void;
}

/** What a session holds. */
export interface LockedMaildrop {
  readonly mailbox: Mailbox;
  readonly maildrop: Maildrop;
  readonly access: Login['access'];
}

/** The service of one worker. */
export function createPop3Service(parts: Pop3ServiceParts): ProtocolService<LockedMaildrop> {
  const delay = new LoginDelay(() => parts.clock.elapsedMs());
  return {
    protocol: 'pop3',
    // POP3 has no capabilities in its answers (RFC 2449 §5: ask again).
    capabilities: undefined,
    createDialogue: ({ isEncrypted, surroundings }) =>
      createPop3LoginDialogue({
        ...parts.login(),
        isEncrypted,
        surroundings,
        preferredLanguage: parts.settings().language,
        policy: parts.settings(),
      }),
    open: async (login) => {
      const { loginDelaySeconds } = parts.settings();
      const delayMs = loginDelaySeconds * 1000;
      if (!delay.allows(login.accountId, delayMs)) {
        const clientDetail = `logins must be ${loginDelaySeconds} seconds apart`;
        return { ok: false, reason: 'too-soon', clientDetail };
      }
      const opened = await parts.openMailbox(login);
      if (!opened.ok) return opened;
      const { mailbox } = opened;
      const locked = await mailbox.openMaildrop();
      if (locked.ok) {
        delay.note(login.accountId, delayMs);
        return {
          ok: true,
          login,
          resource: { mailbox, maildrop: locked.value, access: login.access },
        };
      }
      mailbox.close();
      const isTaken = locked.reason === 'in-use';
      return { ok: false, reason: isTaken ? 'maildrop-in-use' : 'mailbox-unavailable' };
    },
    createSession: (stream, held, { early, choices, lines, reference }) => {
      const settings = parts.settings();
      const session = createPop3Session({
        stream,
        maildrop: maildropFor(held, parts.clock),
        early,
        reference,
        options: {
          commandBytes: parts.limits.pop3CommandBytes,
          maxBadCommands: MAX_BAD_COMMANDS,
          retrievalOrder: settings.messageRetrievalSortOrder,
          language: choices?.language,
          isUtf8: choices?.isUtf8 ?? false,
          preferredLanguage: settings.language,
          policy: settings,
          // What people log in with at a front end (RFC 2449 §6: the same in both states).
          login: {
            user: offersPasswordCommands(settings.mechanisms),
            mechanisms: parts.personsMechanisms(),
          },
          breathe: parts.breathe,
          elapsedMs: () => parts.clock.elapsedMs(),
          observe(event) {
            parts.observe(event);
            notePop3Command(lines, event);
          },
        },
      });
      return {
        run: () => session.run(),
        // Of the mail store POP3 clients are told no more than: come back later.
        requestEnd: (reason) =>
          session.requestEnd(reason === 'mail-unavailable' ? 'shutting-down' : reason),
      };
    },
    setQuota: ({ mailbox }, quota) => mailbox.setQuota(storeQuota(quota)),
    onLost: ({ mailbox }, listener) => mailbox.onBroken(listener),
    release: async ({ mailbox, maildrop }) => {
      try {
        await maildrop.close();
      } finally {
        mailbox.close();
      }
    },
  };
}

function maildropFor(
  { maildrop, access }: LockedMaildrop,
  clock: Pop3ServiceParts['clock'],
): MaildropPort {
  const whole = new Pop3Maildrop(maildrop, () => clock.nowMs());
  return access === 'read' ? readOnlyMaildrop(whole) : whole;
}
