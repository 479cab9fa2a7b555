/** Messages that no honest program makes: deep, wide, long, or not what they say they are. */

const END = '\r\n\r\nbody\r\n';

function nest(levels: number): string {
  let message = 'Subject: innermost\r\n\r\nbody\r\n';
  for (let level = 1; level <= levels; level += 1) {
    message = `Subject: level ${level}\r\nContent-Type: message/rfc822\r\n\r\n${message}`;
  }
  return message;
}

function nestMultiparts(levels: number): string {
  let message = 'innermost';
  for (let level = 1; level <= levels; level += 1) {
    const header = `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n`;
    message = `${header}--b${level}\r\n${message}\r\n--b${level}--\r\n`;
  }
  return message;
}

function makeParts(count: number): string {
  const parts = Array.from(
    { length: count },
    (_, at) => `--b\r\nContent-Type: text/plain; name="f${at}"\r\n\r\npart ${at}\r\n`,
  );
  return `Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join('')}--b--\r\n`;
}

/** By what is wrong with them; all without NUL, so that a store may take them. */
export const HOSTILE_MESSAGES: Readonly<Record<string, string>> = {
  '10,000 parts': makeParts(10_000),
  'a header line of a megabyte': `Subject: ${'x'.repeat(1_048_576)}${END}`,
  'a header line of a megabyte in UTF-8': `Subject: ${'ü'.repeat(524_288)}${END}`,
  'a header field of 260,000 lines': `Subject: x${'\r\n x'.repeat(260_000)}${END}`,
  '150,000 recipients': `To: ${'a@b.c, '.repeat(150_000)}x@y.z${END}`,
  '100,000 references': `Message-ID: <1@x>\r\nReferences: ${'<a@b.c>\r\n '.repeat(100_000)}<x@y>${END}`,
  '60,000 header fields': `${'X-Field: v\r\n'.repeat(60_000)}\r\nbody\r\n`,
  '50 levels of message/rfc822': nest(50),
  '1,000 levels of message/rfc822': nest(1_000),
  '1,000 levels of multipart/mixed': nestMultiparts(1_000),
  'nothing but boundaries': `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n'.repeat(100_000)}`,
  'bare CR and LF': `Subject: a\n\n${'\r\n\n\r'.repeat(100_000)}`,
  '60,000 broken encoded words': `Subject: ${'=?utf-8?q?=C3?= '.repeat(60_000)}${END}`,
  'comments that never close': `From: ${'('.repeat(500_000)}\r\nDate: ${'('.repeat(100_000)}${END}`,
  'quotes and parameters without end': `From: ${'"\\'.repeat(200_000)}\r\nContent-Type: text/plain; ${'a=b;'.repeat(200_000)}${END}`,
  'no header at all': '\r\n'.repeat(200_000),
  'broken base64': `Content-Transfer-Encoding: base64\r\n\r\n${'A=\r\n='.repeat(200_000)}`,
  'a header without an end': 'Subject: x\r\nTo: y',
};
