/** A header as its fields, each with its octets as they were sent. */

export interface RawField {
  /** Lower case. */
  readonly name: string;
  /** The whole field with its CRLF, folded as it came. */
  readonly octets: Buffer;
}

const LF = 0x0a;

/** @param header Lines that end with CRLF, the first of which is a field's. */
export function splitFields(header: Buffer): readonly RawField[] {
  const fields: RawField[] = [];
  for (let at = 0; at < header.length;) {
    const end = findFieldEnd(header, at);
    const octets = header.subarray(at, end);
    const name = octets.toString('latin1').split(':', 1)[0]?.trim().toLowerCase() ?? '';
    fields.push({ name, octets });
    at = end;
  }
  return fields;
}

/** A line that begins with a blank belongs to the field before it (RFC 5322 §2.2.3). */
function findFieldEnd(header: Buffer, start: number): number {
  for (let at = start; ;) {
    const lf = header.indexOf(LF, at);
    if (lf < 0) return header.length;
    const next = header[lf + 1];
    if (next !== 0x20 && next !== 0x09) return lf + 1;
    at = lf + 1;
  }
}
