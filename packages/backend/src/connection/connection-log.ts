/** What a connection has to tell the log. Never secrets, never text of messages. */
import type { Protocol } from '@homeward/directory';
import type { Login, LoginRefusalReason } from '../login/login.ts';
import type { LoginAttempt } from '../login/ports.ts';

/** Supplied by the wiring; must not throw. */
export interface ConnectionLog {
  started(login: Login): void;
  refused(reason: LoginRefusalReason, attempt: LoginAttempt, detail: string | undefined): void;
  ended(login: Login, reason: string, durationMs: number): void;
  /** A bug: what should have been a value was thrown. */
  failed(protocol: Protocol, error: unknown): void;
}
