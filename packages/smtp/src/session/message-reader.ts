/**
 * The octets of one message, on their way from the client to the sink: counted against the limit,
 * and looked at for what no message may have. What is wrong is told at the end, as SMTP has it;
 * until then octets are taken and dropped, so that none is ever read as a command.
 *
 * A bare LF or CR is refused (RFC 5321 §2.3.8), as Exchange does: servers differ in what they make
 * of one, and messages were smuggled through the difference.
 */
import type { MessageSink, Refusal } from './ports.ts';

const LF = 0x0a;
const CR = 0x0d;
const CRLF: Buffer = Buffer.from('\r\n');

const TOO_BIG: Refusal = { code: 552, enhanced: '5.3.4', text: 'The message is too big' };
const BARE: Refusal = {
  code: 550,
  enhanced: '5.6.11',
  text: 'A line of the message ends with a bare LF or CR',
};
const NUL_INSIDE: Refusal = {
  code: 550,
  enhanced: '5.6.11',
  text: 'There is a NUL in the message',
};

/** Passes one message on. Whoever stops before `finish` must abort the sink. */
export class MessageReader {
  readonly #sink: MessageSink;
  readonly #limitBytes: number;
  #sizeBytes = 0;
  #last = LF;
  #problem: Refusal | undefined;

  /** @param limitBytes 0: none. */
  constructor(sink: MessageSink, limitBytes: number) {
    this.#sink = sink;
    this.#limitBytes = limitBytes;
  }

  /** Octets so far, those included that were dropped. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Content, dots unstuffed. @returns The sink's back-pressure. */
  push(octets: Buffer): Promise<void> | undefined {
    if (octets.length === 0) return undefined;
    this.#sizeBytes += octets.length;
    const isTooBig = this.#limitBytes > 0 && this.#sizeBytes > this.#limitBytes;
    this.#problem ??= isTooBig ? TOO_BIG : this.#findProblem(octets);
    this.#last = octets.at(-1) ?? this.#last;
    return this.#problem === undefined ? this.#sink.write(octets) : undefined;
  }

  /** @returns What is wrong with the message; undefined if it was passed on as a whole. */
  async finish(): Promise<Refusal | undefined> {
    if (this.#last === CR) this.#problem ??= BARE;
    // A chunked message need not end with a line end (RFC 3030); what is stored does.
    else if (this.#last !== LF) await this.push(CRLF);
    return this.#problem;
  }

  #findProblem(octets: Buffer): Refusal | undefined {
    if (octets.includes(0)) return NUL_INSIDE;
    // A CR at the end of one piece and its LF at the start of the next are one line end.
    if (this.#last === CR && octets[0] !== LF) return BARE;
    return hasBareLineEnd(octets, this.#last) ? BARE : undefined;
  }
}

/** @param before The octet in front of the piece. */
function hasBareLineEnd(octets: Buffer, before: number): boolean {
  for (let lf = octets.indexOf(LF); lf >= 0; lf = octets.indexOf(LF, lf + 1)) {
    // The first octet of a message has no line before it, but an LF is bare there as well.
    if ((lf === 0 ? before : octets[lf - 1]) !== CR) return true;
  }
  for (let cr = octets.indexOf(CR); cr >= 0; cr = octets.indexOf(CR, cr + 1)) {
    if (cr + 1 < octets.length && octets[cr + 1] !== LF) return true;
  }
  return false;
}
