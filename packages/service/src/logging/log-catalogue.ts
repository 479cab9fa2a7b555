/**
 * The closed list of log events: what each is called, how loud it is, and which fields it may
 * carry. Only declared fields reach the log, so a secret or a message's text cannot get there
 * by accident; what a field may hold is bounded as well. Names are `area.what-happened`, in
 * the past tense; they are a contract with whoever searches the logs.
 *
 * `docs/reference/log-events.md` is made from this list.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** In order of loudness. */
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'fatal'];

/** What a field holds; `error` takes anything that was thrown. */
export type FieldKind = 'text' | 'number' | 'flag' | 'texts' | 'error';

/** Fields that an event has for being about a connection, or about a login on it. */
export const SCOPE_FIELDS = {
  conversation: {
    conversationId: 'text',
    protocol: 'text',
    clientAddress: 'text',
    // The load balancer that announced the client.
    via: 'text',
    tls: 'text',
  },
  login: {
    conversationId: 'text',
    protocol: 'text',
    clientAddress: 'text',
    // The load balancer that announced the client.
    via: 'text',
    tls: 'text',
    cipher: 'text',
    method: 'text',
    loginName: 'text',
    // Whose mailbox it is.
    accountId: 'text',
    // Who opens it, if it is another's.
    delegateId: 'text',
    site: 'text',
    durationMs: 'number',
  },
} as const;

export type LogScope = keyof typeof SCOPE_FIELDS;

export interface LogEventDeclaration {
  readonly level: LogLevel;
  /** One sentence for the operator who reads the reference. */
  readonly help: string;
  readonly scope?: LogScope;
  readonly fields: Readonly<Record<string, FieldKind>>;
}

export type LogCatalogue = Readonly<Record<string, LogEventDeclaration>>;

interface FieldTypes {
  readonly text: string | undefined;
  readonly number: number | undefined;
  readonly flag: boolean | undefined;
  readonly texts: readonly string[] | undefined;
  readonly error: unknown;
}

type Values<Fields extends Readonly<Record<string, FieldKind>>> = {
  readonly [Name in keyof Fields]?: FieldTypes[Fields[Name]];
};

/** The fields of one event, all of them optional. */
export type FieldsOf<Declaration extends LogEventDeclaration> = Values<Declaration['fields']> &
  (Declaration extends { readonly scope: infer Scope extends LogScope }
    ? Values<(typeof SCOPE_FIELDS)[Scope]>
    : unknown);
