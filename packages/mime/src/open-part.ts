/** A part whose end the scanner has not met yet, and what becomes of it there. */
import type { Envelope, MimePart } from './message-shape.ts';
import { type PartHeader, plainText } from './part-header.ts';

/** Grows while its octets go by. */
export interface OpenPart {
  readonly headerStart: number;
  /** True for a message's root, which has an envelope. */
  readonly isMessage: boolean;
  readonly isInDigest: boolean;
  envelope: Envelope | undefined;
  header: PartHeader | undefined;
  bodyStart: number;
  /** Line ends of the message in front of the body. */
  lineEndsBeforeBody: number;
  /** What is awaited behind "--"; undefined unless this is a multipart before its last one. */
  boundary: Buffer | undefined;
  isMultipart: boolean;
  readonly parts: MimePart[];
  message: MimePart['message'];
}

/** Where parts end, and how many lines there are up to a place. */
export interface Cut {
  /** Behind the last octet of bodies: before the line end that belongs to a delimiter. */
  readonly bodyEnd: number;
  /** Lines of the message in front of `bodyEnd`, an unfinished one counted. */
  readonly linesToBodyEnd: number;
  /** Start of the delimiter line; a header that it cut short reaches until here. */
  readonly hardEnd: number;
  readonly linesToHardEnd: number;
}

/** @param headerStart Offset of its first octet. */
export function createOpenPart(
  headerStart: number,
  isMessage: boolean,
  isInDigest: boolean,
): OpenPart {
  return {
    headerStart,
    isMessage,
    isInDigest,
    envelope: undefined,
    header: undefined,
    bodyStart: headerStart,
    lineEndsBeforeBody: 0,
    boundary: undefined,
    isMultipart: false,
    parts: [],
    message: undefined,
  };
}

/**
 * Makes the finished part. A multipart in which no part was found becomes plain text, so that
 * people see what is there.
 */
export function finishPart(part: OpenPart, cut: Cut): MimePart {
  const header = part.header as PartHeader;
  const { type, subtype, parameters } =
    part.isMultipart && part.parts.length === 0 ? plainText : header;
  // A header cut short by a delimiter ends behind the place where bodies end.
  const isCutShort = part.bodyStart > cut.bodyEnd || endOfChildren(part) > cut.bodyEnd;
  const lines = isCutShort ? cut.linesToHardEnd : cut.linesToBodyEnd;
  return {
    type,
    subtype,
    parameters,
    id: header.id,
    description: header.description,
    encoding: header.encoding,
    md5: header.md5,
    disposition: header.disposition,
    languages: header.languages,
    location: header.location,
    headerStart: part.headerStart,
    bodyStart: part.bodyStart,
    bodyEnd: isCutShort ? cut.hardEnd : cut.bodyEnd,
    bodyLines: lines - part.lineEndsBeforeBody,
    parts: part.parts,
    message: part.message,
  };
}

function endOfChildren(part: OpenPart): number {
  return Math.max(part.parts.at(-1)?.bodyEnd ?? 0, part.message?.root.bodyEnd ?? 0);
}
