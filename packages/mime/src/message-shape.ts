/**
 * The shape of a message as this package reports it: a MIME tree with octet ranges and the
 * raw header fields that mail programs ask for. Plain data, so it can be stored and sent.
 *
 * All strings taken from a message are Latin-1 views of its octets (one character for each
 * octet, nothing decoded), so formatting them gives the sender's octets back.
 */

/** One mailbox or group marker of an address list, as RFC 3501 §7.4.2 (ENVELOPE) orders it. */
export interface EnvelopeAddress {
  /** Display name, quotes and comments removed, encoded words left as they are. */
  readonly name: string | undefined;
  /** Source route ("@a,@b"), obsolete. */
  readonly route: string | undefined;
  /** Local part; the group's name at a group's start; undefined at a group's end. */
  readonly mailbox: string | undefined;
  /** Domain; undefined marks the start or the end of a group. */
  readonly host: string | undefined;
}

/** The fields of ENVELOPE (RFC 3501 §7.4.2), unfolded, encoded words left as they are. */
export interface Envelope {
  readonly date: string | undefined;
  readonly subject: string | undefined;
  readonly from: readonly EnvelopeAddress[];
  /** `sender` and `replyTo` are already filled from `from` where the header lacks them. */
  readonly sender: readonly EnvelopeAddress[];
  readonly replyTo: readonly EnvelopeAddress[];
  readonly to: readonly EnvelopeAddress[];
  readonly cc: readonly EnvelopeAddress[];
  readonly bcc: readonly EnvelopeAddress[];
  readonly inReplyTo: string | undefined;
  readonly messageId: string | undefined;
}

/** A header value with parameters. RFC 2231 pieces are joined; names keep their spelling. */
export interface Disposition {
  readonly type: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** A part of the MIME tree. Offsets count octets from the start of the whole message. */
/**
 * What formatters may rely on: a part of type "multipart" has parts, and no other part has; a
 * message/rfc822 has `message`, and no other part has but message/global, which may have it.
 * What looks like one of them but cannot be told apart has another type: plain text where a
 * multipart has no usable boundary or no part; APPLICATION/OCTET-STREAM where a message/rfc822
 * is transfer-encoded, which RFC 2046 §5.2.1 forbids, or where either lies beyond the limits of
 * the scan. No string contains CR, LF or NUL.
 */
export interface MimePart {
  /** As sent; TEXT/PLAIN by default, MESSAGE/RFC822 inside a digest. */
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly id: string | undefined;
  readonly description: string | undefined;
  /** Content-Transfer-Encoding as sent; "7BIT" by default. */
  readonly encoding: string;
  readonly md5: string | undefined;
  readonly disposition: Disposition | undefined;
  readonly languages: readonly string[];
  readonly location: string | undefined;
  /** First octet of the part's header (MIME header of a part, message header of the root). */
  readonly headerStart: number;
  /** First octet of the body: after the empty line, which belongs to the header. */
  readonly bodyStart: number;
  /** Behind the last octet of the body; the CRLF before a boundary is not part of it. */
  readonly bodyEnd: number;
  /** Lines of the body: the number of line ends in it, plus one if the last line has none. */
  readonly bodyLines: number;
  /** Parts of a multipart; empty otherwise. */
  readonly parts: readonly MimePart[];
  /** The message inside a message/rfc822 (or message/global) part. */
  readonly message: { readonly envelope: Envelope; readonly root: MimePart } | undefined;
}

/** What one pass over a message gives. */
export interface MessageShape {
  readonly sizeBytes: number;
  readonly envelope: Envelope;
  readonly root: MimePart;
}
