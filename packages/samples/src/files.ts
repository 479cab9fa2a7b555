/** Small real files to attach: a PDF, a PNG picture, calendar and contact data. */

/** A one-page PDF with a few lines of text, cross-reference table and all. */
export function createPdf(lines: readonly string[]): Buffer {
  const shown = lines.map((line) => `(${line.replaceAll(/[\\()]/g, '\\$&')}) Tj T*`).join('\n');
  const stream = `BT /F1 12 Tf 72 770 Td 16 TL\n${shown}\nET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\n`;
  return Buffer.from(`${text}${table}${trailer}startxref\n${text.length}\n%%EOF\n`, 'latin1');
}

/** Colour of a pixel: red, green, blue, each 0 to 255. */
export type Painter = (x: number, y: number) => readonly [number, number, number];

/** A PNG picture in true colour, without compression. At most 65,535 octets of pixels. */
export function createPng(width: number, height: number, paint: Painter): Buffer {
  const rows: number[] = [];
  for (let y = 0; y < height; y++) {
    rows.push(0);
    for (let x = 0; x < width; x++) rows.push(...paint(x, y));
  }
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    createChunk('IHDR', size),
    createChunk('IDAT', deflateStored(Buffer.from(rows))),
    createChunk('IEND', Buffer.alloc(0)),
  ]);
}

function createChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, data.length + 8)), data.length + 8);
  return chunk;
}

/** One stored block (RFC 1951 §3.2.4) in a zlib stream (RFC 1950). */
function deflateStored(data: Buffer): Buffer {
  const head = Buffer.of(0x78, 0x01, 0x01, 0, 0, 0, 0);
  head.writeUInt16LE(data.length, 3);
  head.writeUInt16LE(~data.length & 0xffff, 5);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(adler32(data), 0);
  return Buffer.concat([head, data, checksum]);
}

function adler32(data: Buffer): number {
  let low = 1;
  let high = 0;
  for (const octet of data) {
    low = (low + octet) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

function crc32(data: Buffer): number {
  let crc = 0xffff_ffff;
  for (const octet of data) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

/** A meeting as calendars exchange it. */
export interface Meeting {
  readonly uid: string;
  readonly method: 'REQUEST' | 'CANCEL';
  readonly organizer: string;
  readonly attendees: readonly string[];
  readonly summary: string;
  readonly location: string;
  readonly startMs: number;
  readonly durationMinutes: number;
  readonly stampMs: number;
}

/** An iTIP object (RFC 5546) in iCalendar (RFC 5545). */
export function createCalendar(meeting: Meeting): string {
  const time = (timeMs: number): string =>
    new Date(timeMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const attendees = meeting.attendees.map(
    (address) => `ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:\r\n mailto:${address}`,
  );
  return [
    'BEGIN:VCALENDAR',
    'PRODID:-//Example//Samples//EN',
    'VERSION:2.0',
    `METHOD:${meeting.method}`,
    'BEGIN:VEVENT',
    `UID:${meeting.uid}`,
    `DTSTAMP:${time(meeting.stampMs)}`,
    `DTSTART:${time(meeting.startMs)}`,
    `DTEND:${time(meeting.startMs + meeting.durationMinutes * 60_000)}`,
    `ORGANIZER:mailto:${meeting.organizer}`,
    ...attendees,
    `SUMMARY:${meeting.summary}`,
    `LOCATION:${meeting.location}`,
    `STATUS:${meeting.method === 'CANCEL' ? 'CANCELLED' : 'CONFIRMED'}`,
    'SEQUENCE:0',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
}

/** A contact (RFC 6350). */
export function createContact(name: string, address: string, note: string): string {
  return [
    'BEGIN:VCARD',
    'VERSION:4.0',
    `FN:${name}`,
    `EMAIL:${address}`,
    `NOTE:${note}`,
    'END:VCARD',
    '',
  ].join('\r\n');
}
