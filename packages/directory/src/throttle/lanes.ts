/**
 * The lanes of the throttle: which there are, how they are named, and the reading of the names.
 *
 * A *subject* is who a login name means: an account's id or, for a name that nobody has, a keyed
 * hash of it, so that guessing at either is the same. A *network* is an address's prefix.
 */
import type { AccountId } from '../ports.ts';

export type Subject = AccountId | `name-${string}`;

/** The lanes that concern one attempt. */
export interface AttemptLanes {
  /** Failures from this network, whomever they were about: `<who>.<secret>`, both hashed. */
  readonly address: string;
  /** Accounts that logged in from this network lately. */
  readonly users: string;
  /** Failures about this subject from networks that are strange to it: hashed secrets. */
  readonly account: string;
  /** Networks from which this subject logged in lately. */
  readonly networks: string;
  /** Failures about this subject from this network, where it is known: hashed secrets. */
  readonly known: string;
}

export function lanesOf(subject: Subject, network: string): AttemptLanes {
  return {
    address: `address:${network}`,
    users: `users:${network}`,
    account: `account:${subject}`,
    networks: `networks:${subject}`,
    known: `known:${subject}:${network}`,
  };
}

/** A lane of failures, as operators see it. */
export type FailureLane =
  | { readonly kind: 'address'; readonly network: string }
  | { readonly kind: 'account'; readonly subject: Subject }
  | { readonly kind: 'known'; readonly subject: Subject; readonly network: string };

/** @returns undefined for a name that is not one of ours, or is no lane of failures. */
export function parseLane(lane: string): FailureLane | undefined {
  const [, kind, rest = ''] = /^(address|account|known):(.+)$/.exec(lane) ?? [];
  switch (kind) {
    case 'address':
      return { kind, network: rest };
    case 'account':
      return { kind, subject: rest as Subject };
    case 'known': {
      const end = rest.indexOf(':');
      if (end < 0) return undefined;
      return { kind, subject: rest.slice(0, end) as Subject, network: rest.slice(end + 1) };
    }
    default:
      return undefined;
  }
}
