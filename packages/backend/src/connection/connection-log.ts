/** What a connection has to tell the log. Never secrets, never text of messages. */
import type { Protocol } from '@homeward/directory';
import type { LoginMethod } from '@homeward/sasl';
import type { Login, LoginRefusalReason, RefusedAbout } from '../login/login.ts';

/** An attempt that was refused, as far as anybody may read of it. */
export interface RefusedAttempt {
  readonly protocol: Protocol;
  readonly method: LoginMethod;
  /** As typed, however long. */
  readonly loginName: string | undefined;
  readonly remoteAddress: string;
  /** The load balancer that announced the client, if one did. */
  readonly via?: string | undefined;
}

/** Supplied by the wiring; must not throw. */
export interface ConnectionLog {
  started(login: Login): void;
  /** @param about What the login was about, as far as that is proved. */
  refused(
    reason: LoginRefusalReason,
    attempt: RefusedAttempt,
    detail: string | undefined,
    about: RefusedAbout | undefined,
  ): void;
  ended(login: Login, reason: string, durationMs: number): void;
  /** A bug: what should have been a value was thrown. */
  failed(protocol: Protocol, error: unknown): void;
}
