/**
 * What the listener and its accept steps share: a connection between the kernel's accept and the
 * moment when it is worth talking to, and the closed list of reasons why it never gets there.
 */
import type { Socket } from 'node:net';
import type { Endpoint, ProxyFacts } from './peer-facts.ts';

/** Why a connection was not handed over; closed list, goes to logs and metrics. */
export const ACCEPT_REFUSALS = [
  'too-many-connections',
  'too-many-from-address',
  // `tls-` and each HandshakeFailure.
  'tls-not-tls',
  'tls-timed-out',
  'tls-closed',
  'tls-failed',
  /** A PROXY protocol header is required here, and what came is none. */
  'proxy-header-missing',
  /** A header from an address outside the trusted networks. */
  'proxy-header-from-stranger',
  /** Malformed, or its end did not come; the detail is a ProxyHeaderFault. */
  'bad-proxy-header',
  /** The peer went away by itself. */
  'gone',
] as const;

export type AcceptRefusal = (typeof ACCEPT_REFUSALS)[number];

/** A connection on its way through the steps. */
export interface ArrivingConnection {
  readonly socket: Socket;
  /** Whether the first words are the client's: implicit TLS. */
  readonly clientSpeaksFirst: boolean;
  /** Whom the limits and logs count; a step may put the client behind a balancer here. */
  remote: Endpoint;
  /** What the balancer said, if a step has believed one. */
  proxy: ProxyFacts | undefined;
  /**
   * Set by a step that did not wait for the first octets: should they be a PROXY protocol header
   * after all, the connection is cut, though it was handed over.
   */
  refusesLateHeader: boolean;
}

/** A refusal with a word for the log. */
export interface ExplainedRefusal {
  readonly reason: AcceptRefusal;
  readonly detail: string;
}

/** Nothing: go on. */
export type StepVerdict = AcceptRefusal | ExplainedRefusal | undefined;

/** Must bound its own time, must not throw, and must leave the socket paused or untouched. */
export type AcceptStep = (connection: ArrivingConnection) => StepVerdict | Promise<StepVerdict>;
