/** One session's lines in a protocol log: what they have in common, and their numbers. */
import { formatEndpoint, type Endpoint } from '@homeward/net';
import type { ProtocolLogEntry } from './protocol-log-entry.ts';
import type { ProtocolLog } from './protocol-log.ts';
import type { LoggedProtocol } from './protocol-log-settings.ts';

export interface SessionLogFacts {
  readonly protocol: LoggedProtocol;
  readonly sessionId: string;
  readonly server: Endpoint;
  readonly client: Endpoint;
}

type Line = Pick<ProtocolLogEntry, 'command' | 'context'> &
  Partial<Pick<ProtocolLogEntry, 'parameters' | 'durationMs' | 'requestBytes' | 'responseBytes'>>;

/** Needs no closing. A session that began while its log was off is logged from where it is on. */
export class SessionLog {
  /** Who logged in, once that is known. */
  user: string | undefined;
  readonly #log: Pick<ProtocolLog, 'isOn' | 'write'>;
  readonly #facts: SessionLogFacts;
  #lineCount = 0;

  constructor(log: Pick<ProtocolLog, 'isOn' | 'write'>, facts: SessionLogFacts) {
    this.#log = log;
    this.#facts = facts;
  }

  get isOn(): boolean {
    return this.#log.isOn(this.#facts.protocol);
  }

  /** @param line Made only if the log is on. */
  add(line: () => Line): void {
    if (!this.isOn) return;
    const { protocol, sessionId, server, client } = this.#facts;
    this.#log.write(protocol, {
      sessionId,
      seqNumber: this.#lineCount,
      serverEndpoint: formatEndpoint(server),
      clientEndpoint: formatEndpoint(client),
      user: this.user,
      durationMs: 0,
      requestBytes: 0,
      responseBytes: 0,
      ...line(),
    });
    this.#lineCount += 1;
  }
}
