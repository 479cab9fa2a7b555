/**
 * What operators see and want of running front ends: who is connected, who is to go, and which
 * parts are in maintenance. A part of the driver; its calls reject as the driver's do.
 */
import type { AccountId, Protocol, SessionClaim, SiteName } from '../ports.ts';

/** Which sessions are meant; what is left out is not looked at. */
export interface SessionQuery {
  /** Who logged in, or whose mailbox it is. */
  readonly accountId?: AccountId | undefined;
  readonly site?: SiteName | undefined;
  readonly protocol?: Protocol | undefined;
  /** Name of the front end that has it. */
  readonly frontEnd?: string | undefined;
  readonly conversationId?: string | undefined;
  /** Of the client's address. */
  readonly isFrom?: ((clientAddress: string) => boolean) | undefined;
}

export interface ListedSession extends SessionClaim {
  readonly frontEnd: string;
}

export interface SessionPage {
  /** In order of their conversations' ids. */
  readonly sessions: readonly ListedSession[];
  /** Of all that are meant, on this page or another. */
  readonly totalCount: number;
}

/** A front-end worker that lives. */
export interface LeaseFacts {
  readonly leaseId: string;
  readonly frontEnd: string;
  readonly sessionCount: number;
}

/** Sessions that an operator wants ended; each front-end worker reads it, acts once, and answers. */
export interface SessionEndRequest {
  /** Unique. */
  readonly id: string;
  readonly accountId?: AccountId | undefined;
  readonly site?: SiteName | undefined;
  readonly protocol?: Protocol | undefined;
  readonly frontEnd?: string | undefined;
  readonly conversationId?: string | undefined;
  /** In CIDR notation. */
  readonly network?: string | undefined;
  /** For the log: `root@host`. */
  readonly requestedBy: string;
  readonly requestedAtMs: number;
}

/** Exchange's states of a server component. */
export const COMPONENT_STATES = ['active', 'draining', 'inactive'] as const;
export type ComponentState = (typeof COMPONENT_STATES)[number];

/**
 * `frontend:NAME`, `site:NAME` or `worker:SITE/INDEX`, indexes as in the site's record, from 0.
 */
export type ComponentName = string & { readonly __componentName: unique symbol };

/** What one requester wants of a component. It is active if nobody wants anything else. */
export interface ComponentRequest {
  readonly component: ComponentName;
  /** "maintenance", "health-check": each has one wish, which only it takes back. */
  readonly requester: string;
  readonly state: Exclude<ComponentState, 'active'>;
  readonly why: string | undefined;
  /** `root@host`. */
  readonly who: string;
  readonly sinceMs: number;
}

/** What one process of all hosts does at a time. */
export type DutyName = 'ldap-sync';

export interface OperationsPort {
  /**
   * One page of the sessions that are meant. Every session is looked at, so that this takes half
   * a second or so for a hundred thousand, and memory for those of the page alone.
   *
   * @param page `after`: a conversation id; `limit`: 0 for the count alone.
   */
  listSessions(
    query: SessionQuery,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<SessionPage>;
  /** Front-end workers that live, with how many sessions each has. Quick. */
  listLeases(): Promise<readonly LeaseFacts[]>;

  /** Told to front ends as `session-ends`; kept for minutes, for those who missed that. */
  putSessionEnd(request: SessionEndRequest): Promise<void>;
  listSessionEnds(): Promise<readonly SessionEndRequest[]>;
  /** @param count Sessions that were told to end. */
  answerSessionEnd(id: string, leaseId: string, count: number): Promise<void>;
  /** Lease id to count. */
  readSessionEndAnswers(id: string): Promise<ReadonlyMap<string, number>>;

  /** Told as `components`. */
  listComponentRequests(): Promise<readonly ComponentRequest[]>;
  /** Replaces the requester's earlier wish. */
  putComponentRequest(request: ComponentRequest): Promise<void>;
  /** @returns Whether there was one. */
  removeComponentRequest(component: ComponentName, requester: string): Promise<boolean>;

  /**
   * Takes a duty, or goes on with it, for `lifeMs` from now. A store that was replaced by an older
   * copy may have forgotten who had it.
   *
   * @param holder Unique to the process.
   * @returns Who has it now: `holder`, or another whose time is not over.
   */
  takeDuty(duty: DutyName, holder: string, lifeMs: number): Promise<string>;
  /** Gives it up, if the holder still has it. */
  leaveDuty(duty: DutyName, holder: string): Promise<void>;
}

/** For how long requests to end sessions, and their answers, are kept. */
export const SESSION_END_LIFE_MS = 300_000;
