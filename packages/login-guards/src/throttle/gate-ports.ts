/** The gate before the passwords, as logins see it. */
import type { AccountId, Protocol, Standing } from '@homeward/directory';
import type { Fault } from '@homeward/service';

/** An attempt at the gate before the secrets. */
export interface GateAttempt {
  readonly conversationId: string;
  readonly protocol: Protocol;
  readonly clientAddress: string;
  /** Undefined when nobody has the name. */
  readonly accountId: AccountId | undefined;
  /** Lower case. */
  readonly loginName: string;
  /** Undefined where the secret is not seen, or is never the same twice. */
  readonly secret: Uint8Array | undefined;
  /**
   * Asked only where the attempt has to wait: resolves when its client has gone. Nobody waits for
   * who has gone, and his secret is not looked at.
   */
  readonly whenGone: () => Promise<unknown>;
}

/** Leave to look at the secret. */
export interface GatePass {
  readonly ok: true;
  /** Of where the attempt comes from: who is of a better one goes before others. */
  readonly standing: Standing;
  /** Tell it at most once; `wrong` before the client is answered. Never rejects. */
  noteOutcome(outcome: 'right' | 'wrong'): Promise<void>;
  /** Makes room for the next of its network. To be called in any case, after `noteOutcome`. */
  leave(): void;
}

/** No leave; nothing is known of the secret. */
export interface GateRefusal {
  readonly ok: false;
  readonly reason: Extract<Fault, 'throttled' | 'verifier-busy'>;
  readonly logDetail?: string | undefined;
  /** A short ASCII text: how long to wait. */
  readonly clientDetail: string;
}

/** Slows guessing down before it costs anything. Never rejects. */
export interface LoginGate {
  /** Whether whoever comes from there is no suspect. Asks nobody. */
  isAtHome(accountId: AccountId, clientAddress: string): boolean;
  /**
   * Waits, within a bound, or refuses.
   *
   * @param deadline Stands still while the attempt is made to wait.
   */
  enter(
    attempt: GateAttempt,
    deadline: { pause(): void; resume(): void },
  ): Promise<GatePass | GateRefusal>;
}

/** For the client: too many log in at once, and whoever is told comes back. */
export const VERIFIER_BUSY: GateRefusal & { readonly reason: 'verifier-busy' } = {
  ok: false,
  reason: 'verifier-busy',
  clientDetail: 'many are logging in, wait 5 seconds',
};
