/** Why a smart host could not be used, told apart by what that means for the message. */

export type HostFailureReason =
  /** No connection, or no greeting. */
  | 'unreachable'
  /** No TLS where it must be, an authority or name that is not trusted, a key that is not pinned. */
  | 'tls'
  /** It offers no login, or does not let us in. */
  | 'login'
  /** What it says makes no sense, or that it closes. */
  | 'protocol'
  /** Lost or late before it can have the whole message. */
  | 'lost'
  /** Lost or late while it may have the whole message: to send it again may double it. */
  | 'lost-after-content'
  /** It failed of late and is left alone for a while. */
  | 'resting'
  /** All connections are in use, and too many messages wait already. */
  | 'busy';

/** Expected; the message has no secret and no text of a mail. */
export class HostFailure extends Error {
  override readonly name = 'HostFailure';
  readonly reason: HostFailureReason;

  constructor(reason: HostFailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The message could not be read here. No fault of a host. */
export class MessageFault extends Error {
  override readonly name = 'MessageFault';
}

/** The caller gave up. No fault of a host. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
