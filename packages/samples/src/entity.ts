/** Builds MIME entities (RFC 2045, RFC 2046): fields and a body that ends with CRLF. */
import { encodeCharset, type OldCharset } from './charset-encoder.ts';
import { encodeBase64Lines, encodeQuotedPrintable, toCrlf } from './transfer-encoding.ts';

/** A header field, its value as it goes on the wire (Latin-1, folded where it should be). */
export type Field = readonly [name: string, value: string];

/** A part or a message's content. */
export interface Entity {
  readonly fields: readonly Field[];
  /** Latin-1 view of the octets. */
  readonly body: string;
}

/** Puts fields, the empty line and a body together. */
export function writeEntity({ fields, body }: Entity): string {
  return `${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

/** ASCII text as it is. */
export function plainText(text: string): Entity {
  return {
    fields: [
      ['Content-Type', 'text/plain; charset=us-ascii'],
      ['Content-Transfer-Encoding', '7bit'],
    ],
    body: toCrlf(text),
  };
}

/** Text in UTF-8; quoted-printable unless it is ASCII. */
export function utf8Text(text: string, subtype: 'plain' | 'html' | 'calendar' = 'plain'): Entity {
  const octets = Buffer.from(toCrlf(text));
  return {
    fields: [
      ['Content-Type', `text/${subtype}; charset=utf-8`],
      ['Content-Transfer-Encoding', 'quoted-printable'],
    ],
    body: encodeQuotedPrintable(octets),
  };
}

/** UTF-8 in base64, which is shorter for most scripts. */
export function base64Text(text: string): Entity {
  return {
    fields: [
      ['Content-Type', 'text/plain; charset="utf-8"'],
      ['Content-Transfer-Encoding', 'base64'],
    ],
    body: encodeBase64Lines(Buffer.from(toCrlf(text))),
  };
}

/** Text in an old charset, in base64 or as the octets are. */
export function oldText(
  text: string,
  charset: OldCharset,
  encoding: '7bit' | '8bit' | 'base64',
): Entity {
  const octets = encodeCharset(toCrlf(text), charset);
  return {
    fields: [
      ['Content-Type', `text/plain; charset=${charset}`],
      ['Content-Transfer-Encoding', encoding],
    ],
    body: encoding === 'base64' ? encodeBase64Lines(octets) : octets.toString('latin1'),
  };
}

/** A file. @param fileName ASCII; use `extra` for other ones. */
export function attachment(
  type: string,
  fileName: string,
  octets: Uint8Array,
  extra: readonly Field[] = [],
): Entity {
  const hasDisposition = extra.some(([name]) => name === 'Content-Disposition');
  const disposition: Field = ['Content-Disposition', `attachment;\r\n filename="${fileName}"`];
  return {
    fields: [
      ['Content-Type', `${type};\r\n name="${fileName}"`],
      ['Content-Transfer-Encoding', 'base64'],
      ...(hasDisposition ? [] : [disposition]),
      ...extra,
    ],
    body: encodeBase64Lines(octets),
  };
}

/** @param parameters Put behind the boundary, with their semicolon. */
export function multipart(
  subtype: string,
  boundary: string,
  parts: readonly Entity[],
  parameters: string = '',
): Entity {
  const body = parts.map((part) => `--${boundary}\r\n${writeEntity(part)}\r\n`).join('');
  return {
    fields: [['Content-Type', `multipart/${subtype};\r\n boundary="${boundary}"${parameters}`]],
    body: `${body}--${boundary}--\r\n`,
  };
}

/** A whole message as a part. */
export function embeddedMessage(message: Buffer, extra: readonly Field[] = []): Entity {
  return {
    fields: [['Content-Type', 'message/rfc822'], ...extra],
    body: message.toString('latin1'),
  };
}
