/**
 * What a client can say: every command as a value. One parser file each in `commands/`.
 *
 * Mailbox names are already decoded to Unicode (from modified UTF-7, RFC 3501 §5.1.3, or
 * UTF-8), INBOX is spelled "INBOX". All other strings are octets as sent.
 */
import type { ResultOptions, SortCriterion, ThreadAlgorithm } from '@homeward/search';
import type { MailboxFilter } from './mailbox-filter.ts';
import type { PartialRange } from '@homeward/search';
import type { NumberSet } from './number-set.ts';

/** System flags in canonical spelling ("\Seen") and keywords as sent; no doubles. */
export type FlagName = string;

/** A date-time as given to APPEND or shown as INTERNALDATE (RFC 3501 §9 date-time). */
export interface InternalDate {
  readonly epochMs: number;
  /** Minutes east of UTC, kept so that a client gets back what it gave. */
  readonly zoneMinutes: number;
}

/** A calendar day in the terms of SEARCH, without time or zone. `month` is 1 to 12. */
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** SEARCH keys (RFC 3501 §6.4.4). Text is octets as sent, in the command's charset. */
export type SearchKey =
  | { readonly key: 'all' }
  | { readonly key: 'and'; readonly keys: readonly SearchKey[] }
  | { readonly key: 'or'; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly key: 'not'; readonly operand: SearchKey }
  | { readonly key: 'flag'; readonly flag: FlagName; readonly isSet: boolean }
  | { readonly key: 'new' }
  | { readonly key: 'old' }
  | { readonly key: 'recent' }
  | { readonly key: 'sequence'; readonly set: NumberSet }
  | { readonly key: 'uid'; readonly set: NumberSet }
  | { readonly key: 'before' | 'on' | 'since'; readonly day: CalendarDay }
  | { readonly key: 'sent-before' | 'sent-on' | 'sent-since'; readonly day: CalendarDay }
  /** RFC 8514 §4.3. */
  | { readonly key: 'saved-before' | 'saved-on' | 'saved-since'; readonly day: CalendarDay }
  | { readonly key: 'larger' | 'smaller'; readonly sizeBytes: number }
  /** RFC 5032 §3. */
  | { readonly key: 'older' | 'younger'; readonly seconds: number }
  /** FROM, TO, CC, BCC and SUBJECT come as `header` with that field name, too. */
  | { readonly key: 'header'; readonly field: string; readonly text: Uint8Array }
  | { readonly key: 'body' | 'text'; readonly text: Uint8Array }
  /** RFC 7162 §3.1.5: at least this; mod-sequences are kept for messages, not for flags. */
  | { readonly key: 'mod-seq'; readonly modSeq: number }
  /** RFC 8474 §6. */
  | { readonly key: 'email-id'; readonly objectId: string }
  | { readonly key: 'thread-id'; readonly objectId: string };

/** What SEARCH and SORT are to answer with (RFC 4731 §3.1, RFC 5182 §2, RFC 9394 §3.1). */
export interface SearchReturns extends ResultOptions {
  /** Keep what was found for "$". */
  readonly save: boolean;
}

/** What SEARCH and SORT have in common. */
export interface SearchProgram {
  /** Undefined for the plain command: answer with numbers alone. */
  readonly returns: SearchReturns | undefined;
  /** Upper case, known or not; undefined when not given (US-ASCII). */
  readonly charset: string | undefined;
  readonly criteria: SearchKey;
}

/** Which octets of a part: BODY[…] (RFC 3501 §6.4.5). */
export interface BodySection {
  /** Part numbers, outermost first; empty for the whole message. */
  readonly part: readonly number[];
  readonly text:
    | { readonly kind: 'all' }
    | { readonly kind: 'header' }
    | { readonly kind: 'header-fields' | 'header-fields-not'; readonly fields: readonly string[] }
    | { readonly kind: 'text' }
    | { readonly kind: 'mime' };
}

/** What FETCH asks for. Macros are already expanded. */
export type FetchItem =
  | {
      readonly item:
        | 'flags'
        | 'internal-date'
        | 'rfc822-size'
        | 'envelope'
        | 'body'
        | 'body-structure'
        | 'uid'
        /** The RFC 3501 spellings that answer under their own names. */
        | 'rfc822'
        | 'rfc822-header'
        | 'rfc822-text'
        /** RFC 8474. */
        | 'email-id'
        | 'thread-id'
        /** RFC 7162 §3.1.4.2. */
        | 'mod-seq'
        /** RFC 8514 §4.2. */
        | 'save-date';
    }
  | {
      readonly item: 'body-section';
      readonly section: BodySection;
      readonly peek: boolean;
      /** <start.count>; `count` is at least 1. */
      readonly partial: { readonly start: number; readonly count: number } | undefined;
      /** The section exactly as the answer repeats it: `HEADER.FIELDS (DATE FROM)`. */
      readonly label: string;
    }
  /** A part without its transfer encoding (RFC 3516 §4.2); no part number: the whole message. */
  | {
      readonly item: 'binary';
      readonly part: readonly number[];
      readonly peek: boolean;
      readonly partial: { readonly start: number; readonly count: number } | undefined;
    }
  | { readonly item: 'binary-size'; readonly part: readonly number[] }
  /** RFC 8970 §3.1; `isLazy`: only if it is at hand. */
  | { readonly item: 'preview'; readonly isLazy: boolean };

/** STATUS items (RFC 3501 §6.3.10, RFC 8474 §4.3, RFC 8438 §2, RFC 9208 §4.1.4, RFC 7889 §3). */
export type StatusItem =
  | 'messages'
  | 'size'
  | 'deleted'
  | 'deleted-storage'
  | 'append-limit'
  | 'recent'
  | 'uid-next'
  | 'uid-validity'
  | 'unseen'
  | 'mailbox-id'
  /** RFC 7162 §3.1.7. */
  | 'highest-mod-seq';

/** How far below an entry GETMETADATA looks (RFC 5464 §4.2.2). */
export type MetadataDepth = 'entry' | 'children' | 'all';

/** Which mailboxes an extended LIST is about (RFC 5258 §3.1, RFC 6154 §2). */
export type ListSelectOption = 'subscribed' | 'remote' | 'recursive-match' | 'special-use';

/** What an extended LIST tells of each (RFC 5258 §3.2, RFC 6154 §2, RFC 5819 §2, RFC 8440 §3). */
export type ListReturnOption =
  | { readonly option: 'subscribed' | 'children' | 'special-use' | 'my-rights' }
  /** RFC 9590: entries in lower case. */
  | { readonly option: 'metadata'; readonly entries: readonly string[] }
  | { readonly option: 'status'; readonly items: readonly StatusItem[] };

/** Events of RFC 5465 §5. */
export type NotifyEvent =
  | 'message-new'
  | 'message-expunge'
  | 'flag-change'
  | 'mailbox-name'
  | 'subscription-change'
  | 'mailbox-metadata-change'
  | 'server-metadata-change';

/** Mailboxes, and what a client wants to hear of them (RFC 5465 §8 event-group). */
export interface NotifyGroup {
  readonly filter: MailboxFilter;
  readonly events: ReadonlySet<NotifyEvent>;
  /** Events were among them that nobody here can tell of. */
  readonly hasUnknown: boolean;
  /** What to send of each new message of the selected mailbox. */
  readonly newItems: readonly FetchItem[] | undefined;
}

/** What a client that comes back knows of a folder (RFC 7162 §3.2.5). No set holds "*". */
export interface QresyncParameter {
  readonly uidValidity: number;
  readonly modSeq: number;
  readonly knownUids: NumberSet | undefined;
  /** A sample of sequence numbers, ascending, and pairwise the UIDs that they had. */
  readonly match: { readonly sequences: NumberSet; readonly uids: NumberSet } | undefined;
}

/** Commands whose numbers may be sequence numbers or, behind UID, unique identifiers. */
export type Numbering = 'sequence' | 'uid';

/** What one message of APPEND or REPLACE comes with. */
export interface AppendOptions {
  readonly flags: readonly FlagName[];
  readonly internalDate: InternalDate | undefined;
  /** Given as UTF8 (…): its header may hold UTF-8 (RFC 6855 §4). */
  readonly isUtf8: boolean;
  /** Put together from texts and from parts of other messages (RFC 4469 §3). */
  readonly isCatenated: boolean;
}

/** What stands between the streamed literals of APPEND or REPLACE, in order. */
export type AppendStep =
  /** The octets that follow, up to `message-end`, are a message. */
  | { readonly step: 'message-start'; readonly options: AppendOptions }
  /** The octets that this URL names come next (RFC 4469 §3); as sent, not looked at yet. */
  | { readonly step: 'url'; readonly url: string }
  | { readonly step: 'message-end' };

/** A whole command. The messages of APPEND are not in it: the reader reports them apart. */
export type Command =
  | {
      readonly name:
        | 'capability'
        | 'noop'
        | 'logout'
        | 'starttls'
        | 'namespace'
        | 'idle'
        | 'check'
        | 'close'
        | 'unselect';
    }
  /** RFC 5465; without groups: NONE. */
  | {
      readonly name: 'notify';
      readonly wantsStatus: boolean;
      readonly groups: readonly NotifyGroup[];
    }
  /** By DEFLATE (RFC 4978). */
  | { readonly name: 'compress' }
  | { readonly name: 'id'; readonly fields: ReadonlyMap<string, string | undefined> }
  | { readonly name: 'enable'; readonly capabilities: readonly string[] }
  | {
      readonly name: 'authenticate';
      readonly mechanism: string;
      /** SASL-IR (RFC 4959): decoded; undefined when absent; empty for "=". */
      readonly initialResponse: Uint8Array | undefined;
    }
  | { readonly name: 'login'; readonly user: Uint8Array; readonly password: Uint8Array }
  | {
      readonly name: 'select' | 'examine';
      readonly mailbox: string;
      /** RFC 7162 §3.1.8. */
      readonly condstore: boolean;
      readonly qresync: QresyncParameter | undefined;
    }
  | {
      readonly name: 'create';
      readonly mailbox: string;
      /** The name ended with the hierarchy separator: it will hold folders only. */
      readonly willHoldFolders: boolean;
      /** What it is for (RFC 6154 §3): "\\Sent", as sent; known or not. */
      readonly uses: readonly string[];
    }
  | { readonly name: 'delete' | 'subscribe' | 'unsubscribe'; readonly mailbox: string }
  | { readonly name: 'rename'; readonly from: string; readonly to: string }
  | { readonly name: 'lsub'; readonly reference: string; readonly pattern: string }
  | {
      readonly name: 'list';
      readonly reference: string;
      /** At least one; more than one only if it is extended. */
      readonly patterns: readonly string[];
      /** Said as RFC 5258 has it; undefined for the plain command of RFC 3501. */
      readonly extended:
        | {
            readonly select: readonly ListSelectOption[];
            readonly returns: readonly ListReturnOption[];
          }
        | undefined;
    }
  | { readonly name: 'status'; readonly mailbox: string; readonly items: readonly StatusItem[] }
  | { readonly name: 'append'; readonly mailbox: string }
  | {
      readonly name: 'replace';
      readonly numbering: Numbering;
      /** One message (RFC 8508 §5 seq-number); undefined for "*". */
      readonly number: number | undefined;
      readonly mailbox: string;
    }
  | { readonly name: 'expunge'; readonly set: NumberSet | undefined }
  /** RFC 9208 §4.1. */
  | { readonly name: 'getquota'; readonly root: string }
  | { readonly name: 'getquotaroot'; readonly mailbox: string }
  | {
      readonly name: 'setquota';
      readonly root: string;
      readonly limits: ReadonlyMap<string, number>;
    }
  /** RFC 5464 §4; an empty mailbox name stands for the server. */
  | {
      readonly name: 'getmetadata';
      readonly mailbox: string;
      /** In lower case: "/private/comment". */
      readonly entries: readonly string[];
      readonly depth: MetadataDepth;
      /** Larger values are only told of. */
      readonly maxSizeBytes: number | undefined;
    }
  | {
      readonly name: 'setmetadata';
      readonly mailbox: string;
      /** By entry in lower case; undefined removes it. */
      readonly values: ReadonlyMap<string, Uint8Array | undefined>;
    }
  /** RFC 4314 §3. */
  | { readonly name: 'getacl' | 'myrights'; readonly mailbox: string }
  | {
      readonly name: 'listrights' | 'deleteacl';
      readonly mailbox: string;
      readonly identifier: string;
    }
  | {
      readonly name: 'setacl';
      readonly mailbox: string;
      readonly identifier: string;
      readonly change: 'replace' | 'add' | 'remove';
      /** Letters as sent, "c" and "d" (RFC 4314 §2.1.1) among them. */
      readonly rights: string;
    }
  | ({ readonly name: 'search'; readonly numbering: Numbering } & SearchProgram)
  /** RFC 7377: of many mailboxes; undefined for the selected one. */
  | ({
      readonly name: 'esearch';
      readonly sources: readonly MailboxFilter[] | undefined;
    } & SearchProgram)
  /** RFC 5256 §3, RFC 5267 §3. */
  | ({
      readonly name: 'sort';
      readonly numbering: Numbering;
      /** At least one, most important first. */
      readonly order: readonly SortCriterion[];
    } & SearchProgram)
  | {
      readonly name: 'thread';
      readonly numbering: Numbering;
      readonly algorithm: ThreadAlgorithm;
      readonly charset: string | undefined;
      readonly criteria: SearchKey;
    }
  | {
      readonly name: 'fetch';
      readonly numbering: Numbering;
      readonly set: NumberSet;
      readonly items: readonly FetchItem[];
      /** Only messages with a higher mod-sequence (RFC 7162 §3.1.4.1). */
      readonly changedSince: number | undefined;
      /** Also those that were expunged since (RFC 7162 §3.2.6); of UID FETCH only. */
      readonly vanished: boolean;
      /** So many of those that the set names (RFC 9394 §3.3); of UID FETCH only. */
      readonly partial: PartialRange | undefined;
    }
  | {
      readonly name: 'store';
      readonly numbering: Numbering;
      readonly set: NumberSet;
      /** Only messages with at most this mod-sequence (RFC 7162 §3.1.3). */
      readonly unchangedSince: number | undefined;
      readonly change: 'replace' | 'add' | 'remove';
      readonly silent: boolean;
      readonly flags: readonly FlagName[];
    }
  | {
      readonly name: 'copy' | 'move';
      readonly numbering: Numbering;
      readonly set: NumberSet;
      readonly mailbox: string;
    };

export type CommandName = Command['name'];
/** Commands that bring messages, which are streamed. */
export type StreamingCommand = Extract<Command, { readonly name: 'append' | 'replace' }>;
/** The member of the union that carries `Name`; those that share a shape share a member. */
export type CommandOf<Name extends CommandName> = Command extends infer One
  ? One extends { readonly name: infer Names }
    ? [Names & Name] extends [never]
      ? never
      : One
    : never
  : never;
