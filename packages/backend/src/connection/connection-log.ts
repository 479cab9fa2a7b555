/** What a connection has to tell the log. Never secrets, never text of messages. */
import type { Protocol } from '@homeward/directory';
import type { Login, LoginRefusalReason, RefusedAbout } from '../login/login.ts';
import type { LoginAttempt } from '../login/ports.ts';

/** Supplied by the wiring; must not throw. */
export interface ConnectionLog {
  started(login: Login): void;
  /** @param about What the login was about, as far as that is proved. */
  refused(
    reason: LoginRefusalReason,
    attempt: LoginAttempt,
    detail: string | undefined,
    about: RefusedAbout | undefined,
  ): void;
  ended(login: Login, reason: string, durationMs: number): void;
  /** A bug: what should have been a value was thrown. */
  failed(protocol: Protocol, error: unknown): void;
}
