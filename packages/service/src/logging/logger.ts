/**
 * The logger: JSON lines from the closed catalogue of events, gathered and written by pino's
 * destination. The only file that knows pino. One level for a logger and all its children, which can be changed at any time.
 */
import { pino } from 'pino';
import type { Clock } from '../clock.ts';
import {
  type FieldsOf,
  type LogCatalogue,
  type LogEventDeclaration,
  LOG_LEVELS,
  type LogLevel,
} from './log-catalogue.ts';
import { LOG_EVENTS } from './log-events.ts';
import { LineFormat } from './log-line.ts';
import { formatPrettyLine } from './pretty-line.ts';

export interface Logger<Events extends LogCatalogue> {
  /** Logs an event of the catalogue, at the level that is declared there. Never throws. */
  log<Name extends keyof Events & string>(name: Name, fields?: FieldsOf<Events[Name]>): void;
  /** Whether it is worth computing fields for this level. */
  isOn(level: LogLevel): boolean;
  /** A logger whose every line carries the conversation's id. Cheap; needs no closing. */
  child(conversationId: string): Logger<Events>;
  readonly level: LogLevel;
  /** Holds for all children, old ones too. */
  setLevel(level: LogLevel): void;
  /** Writes out what is gathered; call it before the process exits. */
  flush(): void;
}

export interface LoggerOptions<Events extends LogCatalogue> {
  /** `frontend`, `backend`, …: in every line. */
  readonly service: string;
  /** Which of the service's processes; in every line if given. */
  readonly worker?: number;
  readonly level: LogLevel;
  /** `auto` (default): `pretty` on a terminal, else `json`. */
  readonly format?: 'auto' | 'json' | 'pretty';
  readonly events: Events;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Told of every line that is written: to count them. Must not throw. */
  readonly onLine?: (level: LogLevel) => void;
  /** Takes the lines instead of standard output: tests. */
  readonly write?: (line: string) => void;
}

// Lines are gathered so that a busy worker makes few system calls, and a log that nobody
// reads holds up no session: beyond the limit, lines are lost rather than memory.
const GATHER_BYTES = 15_360;
const FLUSH_EVERY_MS = 250;
const MOST_BYTES = 16 * 1_048_576;

export function createLogger<Events extends LogCatalogue>(
  options: LoggerOptions<Events>,
): Logger<Events> {
  const output = openOutput(options);
  const core = new LogCore(options, output);
  return new EventLogger<Events>(core, undefined);
}

interface Output {
  readonly write: (line: string) => void;
  readonly flush: () => void;
}

function openOutput<Events extends LogCatalogue>(options: LoggerOptions<Events>): Output {
  const { format = 'auto', write } = options;
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  if (write !== undefined || isPretty) {
    const put = write ?? ((line: string) => void process.stdout.write(line));
    const format = isPretty ? (line: string) => put(formatPrettyLine(line)) : put;
    return { write: format, flush: () => {} };
  }
  const stream = pino.destination({
    dest: 1,
    sync: false,
    minLength: GATHER_BYTES,
    maxLength: MOST_BYTES,
    periodicFlush: FLUSH_EVERY_MS,
  });
  // Standard output is gone (EPIPE): there is nobody left to tell.
  stream.on('error', () => {});
  const flush = (): void => {
    try {
      stream.flushSync();
    } catch {
      // Not open yet, or gone: the same.
    }
  };
  return { write: (line) => void stream.write(line), flush };
}

class LogCore {
  readonly #output: Output;
  readonly #base: Readonly<Record<string, unknown>>;
  readonly #events: LogCatalogue;
  readonly #nowMs: () => number;
  readonly #onLine: ((level: LogLevel) => void) | undefined;
  /** By event; made when it is logged for the first time. */
  readonly #formats = new Map<string, LineFormat>();
  level: LogLevel;

  constructor(
    { service, worker, events, level, clock, onLine }: LoggerOptions<LogCatalogue>,
    output: Output,
  ) {
    this.#output = output;
    this.#base = worker === undefined ? { service } : { service, worker };
    this.#events = events;
    this.#nowMs = () => clock.nowMs();
    this.#onLine = onLine;
    this.level = level;
  }

  isOn(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.level);
  }

  log(name: string, fields: Readonly<Record<string, unknown>>, conversationId?: string): void {
    const event = Object.hasOwn(this.#events, name) ? this.#events[name] : undefined;
    if (event === undefined) this.#write('log.event-unknown', UNKNOWN_EVENT, { name });
    else if (this.isOn(event.level)) this.#write(name, event, fields, conversationId);
  }

  flush(): void {
    this.#output.flush();
  }

  #write(
    name: string,
    event: LogEventDeclaration,
    fields: Readonly<Record<string, unknown>>,
    conversationId?: string,
  ): void {
    const time = new Date(this.#nowMs()).toISOString();
    this.#output.write(this.#formatOf(name, event).format(time, fields, conversationId));
    this.#onLine?.(event.level);
    if (event.level === 'error' || event.level === 'fatal') this.flush();
  }

  #formatOf(name: string, event: LogEventDeclaration): LineFormat {
    let format = this.#formats.get(name);
    if (format === undefined) {
      format = new LineFormat(name, event, this.#base);
      this.#formats.set(name, format);
    }
    return format;
  }
}

const UNKNOWN_EVENT: LogEventDeclaration = LOG_EVENTS['log.event-unknown'];

class EventLogger<Events extends LogCatalogue> implements Logger<Events> {
  readonly #core: LogCore;
  readonly #conversationId: string | undefined;

  constructor(core: LogCore, conversationId: string | undefined) {
    this.#core = core;
    this.#conversationId = conversationId;
  }

  log<Name extends keyof Events & string>(name: Name, fields?: FieldsOf<Events[Name]>): void {
    this.#core.log(name, fields ?? {}, this.#conversationId);
  }

  isOn(level: LogLevel): boolean {
    return this.#core.isOn(level);
  }

  child(conversationId: string): Logger<Events> {
    return new EventLogger(this.#core, conversationId);
  }

  get level(): LogLevel {
    return this.#core.level;
  }

  setLevel(level: LogLevel): void {
    if (level === this.#core.level) return;
    this.#core.level = level;
    this.#core.log('log.level-changed', { to: level });
  }

  flush(): void {
    this.#core.flush();
  }
}
