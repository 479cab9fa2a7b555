/**
 * A process's protocol logs: one for each protocol, switched on and off while it runs. Lines are
 * gathered and written in the background; a disk that is slow or full costs lines, which are
 * counted, and never holds up a session.
 */
import type { Clock } from '../clock.ts';
import type { Logger, ServiceLogEvents } from '../logging/index.ts';
import type { Metrics, ServiceMetrics } from '../metrics/index.ts';
import { prefixOf } from './log-file-names.ts';
import { formatEntries, formatFileHead, type ProtocolLogEntry } from './protocol-log-entry.ts';
import {
  isLogged,
  LOGGED_PROTOCOLS,
  type LoggedProtocol,
  type ProtocolLogHalf,
  type ProtocolLogSettings,
} from './protocol-log-settings.ts';
import { RollingFile } from './rolling-file.ts';

export interface ProtocolLogParts {
  readonly half: ProtocolLogHalf;
  /** Those in force, read at each use. */
  readonly settings: () => ProtocolLogSettings;
  readonly clock: Clock;
  readonly log: Pick<Logger<ServiceLogEvents>, 'log'>;
  readonly metrics: Pick<Metrics<ServiceMetrics>, 'counter'>;
}

/** Lines that may wait; some 5 MB. */
const QUEUE_LINES = 10_000;
/** Lines in one write. */
const BATCH_LINES = 1_000;
const GATHER_MS = 250;
/** After a failure nothing is tried for so long. */
const RETRY_MS = 10_000;

/** All of a process's logs; close it, so that the last lines are written. */
export class ProtocolLog {
  readonly #parts: ProtocolLogParts;
  readonly #writers: Readonly<Record<LoggedProtocol, LogWriter>>;

  constructor(parts: ProtocolLogParts) {
    this.#parts = parts;
    const lines = parts.metrics.counter('homeward_protocol_log_lines_total');
    const writerOf = (protocol: LoggedProtocol): LogWriter =>
      new LogWriter(parts, protocol, (outcome, count) => lines.add({ protocol, outcome }, count));
    this.#writers = {
      imap: writerOf('imap'),
      pop3: writerOf('pop3'),
      submission: writerOf('submission'),
    };
  }

  /** Whether it is worth making entries now. Cheap: ask it at each command. */
  isOn(protocol: LoggedProtocol): boolean {
    return isLogged(this.#parts.settings()[protocol], this.#parts.half);
  }

  /** Takes a line to be written soon. Never throws, never waits. */
  write(protocol: LoggedProtocol, entry: Omit<ProtocolLogEntry, 'atMs'>): void {
    this.#writers[protocol].add({ ...entry, atMs: this.#parts.clock.nowMs() });
  }

  /** Call it when settings have changed: closes the files of what was switched off. */
  settingsChanged(): void {
    for (const protocol of LOGGED_PROTOCOLS) {
      if (!this.isOn(protocol)) void this.#writers[protocol].close();
    }
  }

  /** Settles when what waited was written or lost; never rejects. */
  async flush(): Promise<void> {
    await Promise.all(LOGGED_PROTOCOLS.map((protocol) => this.#writers[protocol].flush()));
  }

  /** Writes what waits and closes the files; never rejects. */
  async close(): Promise<void> {
    await Promise.all(LOGGED_PROTOCOLS.map((protocol) => this.#writers[protocol].close()));
  }
}

class LogWriter {
  readonly #parts: ProtocolLogParts;
  readonly #protocol: LoggedProtocol;
  readonly #count: (outcome: 'written' | 'lost', lines: number) => void;
  readonly #file: RollingFile;
  #queue: ProtocolLogEntry[] = [];
  #cancelTimer: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isFailing = false;
  /** Since the last line was written. */
  #lostCount = 0;

  constructor(
    parts: ProtocolLogParts,
    protocol: LoggedProtocol,
    count: (outcome: 'written' | 'lost', lines: number) => void,
  ) {
    this.#parts = parts;
    this.#protocol = protocol;
    this.#count = count;
    this.#file = new RollingFile({
      prefix: prefixOf(parts.half, protocol),
      formatHead: (nowMs) => formatFileHead(protocol, nowMs),
      nowMs: () => parts.clock.nowMs(),
    });
  }

  add(entry: ProtocolLogEntry): void {
    if (this.#queue.length >= QUEUE_LINES) {
      this.#lose(1);
      return;
    }
    this.#queue.push(entry);
    if (this.#queue.length === BATCH_LINES && !this.#isFailing) this.#flush();
    else this.#plan(this.#isFailing ? RETRY_MS : GATHER_MS);
  }

  flush(): Promise<void> {
    this.#flush();
    return this.#writing;
  }

  close(): Promise<void> {
    this.#flush();
    this.#writing = this.#writing.then(() => this.#file.close());
    return this.#writing;
  }

  #plan(delayMs: number): void {
    this.#cancelTimer ??= this.#parts.clock.after(delayMs, () => this.#flush());
  }

  #flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#writing = this.#writing.then(() => this.#writeQueue());
  }

  async #writeQueue(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH_LINES);
      try {
        await this.#file.write(formatEntries(batch), this.#parts.settings());
      } catch (error) {
        this.#lose(batch.length);
        this.#fail(error);
        return;
      }
      this.#count('written', batch.length);
      this.#recover();
    }
  }

  /** Said once; what comes meanwhile waits as far as there is room, and is then lost. */
  #fail(error: unknown): void {
    const { log, settings } = this.#parts;
    if (!this.#isFailing) {
      this.#isFailing = true;
      const { folder } = settings();
      log.log('protocol-log.failed', { protocol: this.#protocol, folder, error });
    }
    if (this.#queue.length > 0) this.#plan(RETRY_MS);
  }

  #recover(): void {
    if (this.#lostCount === 0 && !this.#isFailing) return;
    this.#isFailing = false;
    const lostCount = this.#lostCount;
    this.#lostCount = 0;
    this.#parts.log.log('protocol-log.lines-lost', { protocol: this.#protocol, count: lostCount });
  }

  #lose(lines: number): void {
    this.#lostCount += lines;
    this.#count('lost', lines);
  }
}
