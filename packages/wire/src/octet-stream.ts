/**
 * The port by which a protocol dialogue meets its connection.
 *
 * Protocol packages hold no socket: they pull octets and push octets here. `net`
 * supplies it over TCP and TLS, `testkit` over a pair in memory. Pulling gives
 * back-pressure towards the peer: what nobody reads is not taken from the socket.
 */

/** Why a read ended without octets. */
export type StreamEnd =
  /** The peer closed its side in order. */
  | 'ended'
  /** Nothing arrived within the idle limit that the owner of the stream has set. */
  | 'timed-out'
  /** The connection broke, or somebody here destroyed it. */
  | 'broken';

/** One connection's octets, both ways. Not to be shared by two readers or two writers. */
export interface OctetStream {
  /**
   * Waits for the next octets. At most one read may be outstanding; a read that is still
   * pending may be kept and awaited later (IDLE does so).
   *
   * @returns One or more octets, which the caller then owns, or why there are no more.
   */
  read(): Promise<Uint8Array | StreamEnd>;

  /**
   * Hands octets to the connection, in order. A string is sent as Latin-1, one octet for each
   * character.
   *
   * @returns Nothing when the peer keeps up, or a promise that settles when it is worth writing
   *   again; await it, that is the back-pressure. It settles (never rejects) when the connection
   *   breaks, too: the next read tells.
   */
  write(octets: Uint8Array | string): Promise<void> | undefined;

  /** Gathers the writes made until `uncork`, for one packet. Calls nest. */
  cork(): void;
  uncork(): void;
}
