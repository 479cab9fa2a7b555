/**
 * Scans a message in one pass, in whatever pieces it arrives, and reports its shape: the MIME
 * tree with octet ranges (RFC 2045, RFC 2046), the envelope, line counts.
 *
 * Memory is bounded by `ScanLimits` whatever the message: only the header at hand, the start
 * of an unfinished line and the tree so far are held. Bodies are searched for line ends
 * natively and never looked at octet by octet.
 *
 * Broken mail gets the reading that loses nothing: every octet lies in the root's range, and
 * each part's range in its parent's. A header ends at its empty line and nowhere else, unless
 * its very first line is none: then there is no header. Deviation: RFC 2046 §5.1.1 lets a
 * delimiter line go on with anything behind the boundary; here not with a character that could
 * belong to a boundary, so that `--outer1` inside of `--outer` is text (bounces quote such).
 */
import { type Delimiter, findDelimiter, maxBoundaryBytes } from './delimiter.ts';
import { buildEnvelope } from './envelope.ts';
import { HeaderCollector } from './header-collector.ts';
import { findNameEnd, viewAsBuffer } from './header-fields.ts';
import { type HeaderValues, readHeaderValues } from './header-values.ts';
import { type Line, LineCutter, type LineSink } from './line-cutter.ts';
import type { Envelope, MessageShape, MimePart } from './message-shape.ts';
import { createOpenPart, type Cut, finishPart, type OpenPart } from './open-part.ts';
import { findParameter, readParameterText } from './parameter-list.ts';
import {
  embeddedMessage,
  isTransferEncoded,
  opaqueOctets,
  type PartHeader,
  plainText,
  readPartHeader,
} from './part-header.ts';
import { defaultScanLimits, type ScanLimits } from './scan-limits.ts';

const DASH = 0x2d;

/** Takes a message's octets, then gives its shape. For one message. */
export interface MessageScanner {
  /** Takes the next octets. The caller may overwrite them afterwards. */
  push(chunk: Uint8Array): void;
  /** Call once, after the last octet. */
  finish(): MessageShape;
  /**
   * The message's own header with its empty line, as soon as it is complete; a copy. Stays
   * undefined if it is longer than `maxHeaderBytes`.
   */
  readonly headerOctets: Uint8Array | undefined;
}

/** @param limits Bounds on what is told apart; the defaults suit mail from strangers. */
export function createMessageScanner(limits: ScanLimits = defaultScanLimits): MessageScanner {
  return new Scanner(limits);
}

/** Scans a message that lies in memory as a whole. */
export function scanMessage(
  octets: Uint8Array,
  limits: ScanLimits = defaultScanLimits,
): MessageShape {
  const scanner = new Scanner(limits);
  scanner.push(octets);
  return scanner.finish();
}

const noValues: HeaderValues = new Map();

class Scanner implements MessageScanner, LineSink {
  readonly #limits: ScanLimits;
  readonly #lines: LineCutter;
  readonly #header: HeaderCollector;
  /** From the root inwards; the last one is where the scanner is. */
  readonly #open: OpenPart[] = [];
  /** Those of `#open` whose boundary is awaited. */
  readonly #multiparts: OpenPart[] = [];
  #isInHeader = true;
  #partCount = 0;
  #structureBytes = 0;
  /** Line ends before the line at hand, and where the line before it lies. */
  #lineEnds = 0;
  #previousStart = 0;
  #previousContentEnd = 0;
  #headerOctets: Uint8Array | undefined;
  #root: MimePart | undefined;
  #envelope: Envelope | undefined;

  constructor(limits: ScanLimits) {
    this.#limits = limits;
    this.#lines = new LineCutter(this);
    this.#header = new HeaderCollector(limits.maxHeaderBytes);
    this.#startPart(0, true, false);
  }

  get headerOctets(): Uint8Array | undefined {
    return this.#headerOctets;
  }

  push(chunk: Uint8Array): void {
    const octets = viewAsBuffer(chunk);
    this.#header.setChunk(octets, this.#lines.offset);
    this.#lines.push(octets);
    if (this.#isInHeader) this.#header.keep();
  }

  finish(): MessageShape {
    const sizeBytes = this.#lines.offset;
    this.#header.setChunk(Buffer.alloc(0), sizeBytes);
    this.#lines.finish();
    const hasOpenLine = this.#previousContentEnd === sizeBytes && sizeBytes > 0;
    const lines = this.#lineEnds + (hasOpenLine ? 1 : 0);
    // A header that just stops has the open line for itself.
    while (this.#isInHeader) this.#endHeader(sizeBytes, lines);
    this.#closeParts(0, {
      bodyEnd: sizeBytes,
      linesToBodyEnd: lines,
      hardEnd: sizeBytes,
      linesToHardEnd: lines,
    });
    return { sizeBytes, envelope: this.#envelope as Envelope, root: this.#root as MimePart };
  }

  onLine(line: Line): void {
    const delimiter = this.#multiparts.length > 0 ? this.#findDelimiter(line) : undefined;
    if (delimiter !== undefined) this.#passDelimiter(line, delimiter);
    else if (this.#isInHeader) this.#passHeaderLine(line);
    if (line.end > line.contentEnd) this.#lineEnds++;
    this.#previousStart = line.start;
    this.#previousContentEnd = line.contentEnd;
  }

  #findDelimiter(line: Line): Delimiter | undefined {
    const { octets, headFrom, headTo } = line;
    if (octets[headFrom] !== DASH || octets[headFrom + 1] !== DASH) return undefined;
    if (headTo - headFrom < 3) return undefined;
    const delimiter = findDelimiter(octets, headFrom, headTo, this.#multiparts);
    if (delimiter === undefined || delimiter.isClosing) return delimiter;
    return this.#partCount < this.#limits.maxParts ? delimiter : undefined;
  }

  #passDelimiter(line: Line, { index, isClosing }: Delimiter): void {
    while (this.#isInHeader) this.#endHeader(line.start, this.#lineEnds);
    const multipart = this.#multiparts[index] as OpenPart;
    const hasOpenLine = this.#previousContentEnd > this.#previousStart;
    this.#closeParts(this.#open.indexOf(multipart) + 1, {
      bodyEnd: this.#previousContentEnd,
      linesToBodyEnd: this.#lineEnds - 1 + (hasOpenLine ? 1 : 0),
      hardEnd: line.start,
      linesToHardEnd: this.#lineEnds,
    });
    this.#multiparts.length = isClosing ? index : index + 1;
    if (isClosing) multipart.boundary = undefined;
    else this.#startPart(line.end, false, isDigest(multipart));
  }

  #passHeaderLine(line: Line): void {
    while (this.#isInHeader && line.start === this.#current.headerStart && !isHeaderLine(line)) {
      this.#endHeader(line.start, this.#lineEnds);
    }
    if (this.#isInHeader && line.contentEnd === line.start) {
      this.#endHeader(line.end, this.#lineEnds + 1);
    }
  }

  get #current(): OpenPart {
    return this.#open.at(-1) as OpenPart;
  }

  #startPart(headerStart: number, isMessage: boolean, isInDigest: boolean): void {
    this.#open.push(createOpenPart(headerStart, isMessage, isInDigest));
    this.#partCount++;
    this.#isInHeader = true;
    this.#header.start(headerStart);
  }

  /** Reads the header that ends at `bodyStart`; a message inside begins there with its own. */
  #endHeader(bodyStart: number, lineEnds: number): void {
    const part = this.#current;
    part.bodyStart = bodyStart;
    part.lineEndsBeforeBody = lineEnds;
    this.#isInHeader = false;
    const octets = this.#header.take(bodyStart);
    if (this.#open.length === 1 && this.#header.isComplete(bodyStart)) {
      this.#headerOctets = Buffer.from(octets);
    }
    this.#describe(part, readHeaderValues(octets, part.isMessage));
    if (part.boundary !== undefined) this.#multiparts.push(part);
    else if (isMessagePart(part.header as PartHeader)) this.#startPart(bodyStart, true, false);
  }

  /** Sets what the header says; within the limits, else as an opaque leaf. */
  #describe(part: OpenPart, values: HeaderValues): void {
    for (const value of values.values()) this.#structureBytes += value.length;
    const isTooMuch = this.#structureBytes > this.#limits.maxStructureBytes;
    const seen = isTooMuch ? noValues : values;
    if (part.isMessage) part.envelope = buildEnvelope(seen, this.#limits.maxAddresses);
    const fallback = part.isInDigest ? embeddedMessage : plainText;
    const header = readPartHeader(seen, isTooMuch ? opaqueOctets : fallback);
    const canNest =
      this.#open.length < this.#limits.maxDepth && this.#partCount < this.#limits.maxParts;
    part.header = header;
    if (/^multipart$/i.test(header.type)) {
      part.boundary = canNest ? readBoundary(header) : undefined;
      part.isMultipart = part.boundary !== undefined;
      if (!part.isMultipart) part.header = { ...header, ...(canNest ? plainText : opaqueOctets) };
    } else if (isMessageType(header) && !(canNest && isTellable(header))) {
      part.header = { ...header, ...opaqueOctets };
    }
  }

  /** Closes the parts from the innermost one to that at `index` of `#open`. */
  #closeParts(index: number, cut: Cut): void {
    while (this.#open.length > index) {
      const part = this.#open.pop() as OpenPart;
      const parent = this.#open.at(-1);
      const finished = finishPart(part, cut);
      if (parent === undefined) {
        this.#root = finished;
        this.#envelope = part.envelope;
      } else if (part.isMessage) {
        parent.message = { envelope: part.envelope as Envelope, root: finished };
      } else if (!isTrailingNothing(part, parent, cut)) {
        parent.parts.push(finished);
      }
    }
  }
}

/** A delimiter at the very end of a cut-off message opens no part, unless it is the only one. */
function isTrailingNothing(part: OpenPart, parent: OpenPart, cut: Cut): boolean {
  return part.headerStart === cut.hardEnd && cut.bodyEnd === cut.hardEnd && parent.parts.length > 0;
}

/** A field, an empty line, or the line that mbox files put in front. */
function isHeaderLine({ octets, headFrom, headTo }: Line): boolean {
  if (headFrom === headTo || findNameEnd(octets, headFrom, headTo) !== -1) return true;
  return /^>?From /.test(octets.toString('latin1', headFrom, Math.min(headFrom + 6, headTo)));
}

function isDigest({ header }: OpenPart): boolean {
  return header !== undefined && /^digest$/i.test(header.subtype);
}

function isMessageType({ type, subtype }: PartHeader): boolean {
  return /^message$/i.test(type) && /^(?:rfc822|global)$/i.test(subtype);
}

/** False for an encoded message/rfc822; a message/global may be encoded (RFC 6532 §3.7). */
function isTellable(header: PartHeader): boolean {
  return isMessagePart(header) || /^global$/i.test(header.subtype);
}

/** True for a message that lies there as it is. */
function isMessagePart(header: PartHeader): boolean {
  return isMessageType(header) && !isTransferEncoded(header.encoding);
}

function readBoundary({ parameters }: PartHeader): Buffer | undefined {
  const text = findParameter(parameters, 'boundary') ?? readParameterText(parameters, 'boundary');
  const boundary = Buffer.from((text ?? '').trimEnd(), 'latin1');
  return boundary.length > 0 && boundary.length <= maxBoundaryBytes ? boundary : undefined;
}
