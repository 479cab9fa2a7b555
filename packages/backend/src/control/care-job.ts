/**
 * What operators' tools ask of the owner of mailboxes, in one form for all doors: a worker's
 * control port, or a volume whose site is down. Answers are values; what the volume cannot do is
 * `failed`, with the system's words.
 */
import { z } from 'zod';

const accountId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/);
/** On the site's host. */
const folder = z.string().min(2).max(4_096).startsWith('/');

/** The form of a job. Dates are milliseconds since 1970. */
export const CARE_JOB: z.ZodType<CareJob> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('backup'), accountId, target: folder }),
  z.strictObject({ kind: z.literal('restore'), accountId, source: folder, replaces: z.boolean() }),
  z.strictObject({
    kind: z.literal('verify'),
    accountId,
    mends: z.boolean(),
    epoch: z.int().min(1),
  }),
  z.strictObject({ kind: z.literal('delete'), accountId, account: z.string().max(262_144) }),
  z.strictObject({ kind: z.literal('list-deleted') }),
  z.strictObject({ kind: z.literal('read-deleted'), accountId, deletedMs: z.int() }),
  z.strictObject({ kind: z.literal('undelete'), accountId, deletedMs: z.int() }),
  z.strictObject({ kind: z.literal('purge'), deletedBeforeMs: z.int() }),
]);

export type CareJob =
  /** Copies a mailbox, which may be in use, to a folder; an earlier backup there is renewed. */
  | { readonly kind: 'backup'; readonly accountId: string; readonly target: string }
  /** `replaces`: the mailbox that is there is moved aside like that of a deleted account. */
  | {
      readonly kind: 'restore';
      readonly accountId: string;
      readonly source: string;
      readonly replaces: boolean;
    }
  /**
   * Looks for disagreements between a mailbox's database and its files, and within it; with
   * `mends`, for which it is closed to everybody, puts them right.
   */
  | {
      readonly kind: 'verify';
      readonly accountId: string;
      readonly mends: boolean;
      readonly epoch: number;
    }
  /** Moves a mailbox aside, with what is to be known of its account for bringing it back. */
  | { readonly kind: 'delete'; readonly accountId: string; readonly account: string }
  | { readonly kind: 'list-deleted' }
  /** What `delete` was given; it may hold hashes of secrets. */
  | { readonly kind: 'read-deleted'; readonly accountId: string; readonly deletedMs: number }
  | { readonly kind: 'undelete'; readonly accountId: string; readonly deletedMs: number }
  /** Removes for ever. */
  | { readonly kind: 'purge'; readonly deletedBeforeMs: number };

/** A backup that was made or used. */
export interface BackupFacts {
  readonly accountId: string;
  readonly madeMs: number;
  readonly messageCount: number;
  readonly totalBytes: number;
  /** Messages whose octets could not be had. */
  readonly missingCount: number;
}

/** What verifying has found; no text of a message and no name of a folder is in it. */
export interface VerifyFacts {
  readonly messageCount: number;
  readonly fileCount: number;
  readonly findingCount: number;
  /** The first 10,000. */
  readonly findings: readonly {
    readonly kind: string;
    readonly subject: string;
    readonly isMended: boolean;
  }[];
}

/** A mailbox that was moved aside. */
export interface DeletedFacts {
  readonly accountId: string;
  readonly deletedMs: number;
  /** When it is removed for ever. */
  readonly keptUntilMs: number;
  /** Of its account; undefined if nothing is known of that. */
  readonly address: string | undefined;
}

/** What a job comes to, by its kind. */
export interface CareValues {
  readonly backup: BackupFacts;
  readonly restore: BackupFacts;
  readonly verify: VerifyFacts;
  readonly delete: DeletedFacts;
  readonly 'list-deleted': readonly DeletedFacts[];
  readonly 'read-deleted': string;
  readonly undelete: DeletedFacts;
  readonly purge: readonly DeletedFacts[];
}

export type CareRefusal =
  | 'nonexistent'
  | 'already-exists'
  /** A process has the mailbox open. */
  | 'locked'
  /** The mailbox is another worker's. */
  | 'not-this-worker'
  | 'unavailable'
  | 'failed';

export type CareAnswer<Value = unknown> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: CareRefusal; readonly detail?: string | undefined };

/** Where jobs are done. */
export interface CareDesk {
  run<Kind extends CareJob['kind']>(
    job: Extract<CareJob, { readonly kind: Kind }>,
  ): Promise<CareAnswer<CareValues[Kind]>>;
}
