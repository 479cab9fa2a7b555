/**
 * The mail that the back-end benchmark puts in: several kinds as in real mailboxes, about ten
 * thousand octets on average, the same at every run, with words to search for whose number of
 * messages is known.
 */
import { createSeededRandom } from '@homeward/testkit';

/** A search and how many of the corpus' messages it finds. */
export interface KnownSearch {
  readonly criterion: string;
  /** Whether the message of that number is among them. */
  readonly finds: (index: number) => boolean;
}

const every =
  (step: number, first: number) =>
  (index: number): boolean =>
    index % step === first;
const hasSubjectWord = every(97, 5);
const isFromRossi = every(23, 3);
const hasBodyWord = every(199, 11);

/** What the searches look for lies in headers, plain text, quoted-printable and base64. */
export const KNOWN_SEARCHES: Readonly<Record<'subject' | 'from' | 'body', KnownSearch>> = {
  subject: { criterion: 'SUBJECT needle', finds: hasSubjectWord },
  from: { criterion: 'FROM rossi', finds: isFromRossi },
  body: { criterion: 'BODY xyzzy', finds: hasBodyWord },
};

const WORDS =
  'river kettle garden owl piano bread lemon string kite bridge boots window letter quiet loud early late borrow return paint plant water north south over under between carefully never always almost twice meeting report invoice contract schedule budget'.split(
    ' ',
  );
const NAMES = ['Vogt', 'Meyer', 'Brown', 'Costa', 'Novak', 'Larsen', 'Dubois', 'Okafor'];

/** Draws that the messages are made of. */
interface Random {
  /** From 0 up to, but not including, `limit`. */
  integer(limit: number): number;
  pick(words: readonly string[]): string;
  hex(digitCount: number): string;
  octets(count: number): Uint8Array;
}

function createRandom(seed: number): Random {
  const draw = createSeededRandom(seed);
  const integer = (limit: number): number => Math.floor(draw() * limit);
  return {
    integer,
    pick: (words) => words[integer(words.length)] ?? '',
    hex: (digitCount) =>
      Array.from({ length: digitCount }, () => integer(16).toString(16)).join(''),
    octets: (count) => Uint8Array.from({ length: count }, () => integer(256)),
  };
}

/** Makes `count` messages. */
export function createCorpus(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_unused, index) => createMessage(index));
}

function createMessage(index: number): Uint8Array {
  const random = createRandom(index + 1);
  const words = createText(random, 400 + random.integer(3_600));
  const text = hasBodyWord(index) ? `${words}\nthe word is xyzzy here\n` : words;
  const lines = [...createHeader(index, random), ...createContent(index, random, text), ''];
  return Buffer.from(lines.join('\n').replaceAll('\n', '\r\n'), 'latin1');
}

function createHeader(index: number, random: Random): string[] {
  const family = isFromRossi(index) ? 'Rossi' : (NAMES[index % NAMES.length] ?? '');
  const date = new Date(Date.UTC(2026, 0, 1) + index * 600_000)
    .toUTCString()
    .replace('GMT', '+0000');
  const subject = createText(random, 20 + random.integer(30))
    .trim()
    .replaceAll('\n', ' ');
  const received = Array.from({ length: 2 + (index % 3) }, (_unused, hop) =>
    [
      `Received: from mx${hop}.example.test (mx${hop}.example.test [192.0.2.${random.integer(250)}])`,
      `\tby store.example.test with ESMTPS id ${random.hex(12)}`,
      `\tfor <user@example.test>; ${date}`,
    ].join('\n'),
  );
  return [
    `Return-Path: <bounce-${index}@example.test>`,
    ...received,
    `DKIM-Signature: v=1; a=rsa-sha256; d=example.test; s=s1; bh=${random.hex(43)};`,
    `\tb=${random.hex(70)}`,
    `From: Rosa ${family} <rosa.${family.toLowerCase()}@example.test>`,
    `To: User <user@example.test>, List <list-${index % 40}@example.test>`,
    `Subject: ${subject}${hasSubjectWord(index) ? ' needle' : ''} ${index}`,
    `Date: ${date}`,
    `Message-ID: <${index}.${random.hex(16)}@example.test>`,
    ...(index % 4 === 0 ? [`In-Reply-To: <${index - 1}.${random.hex(16)}@example.test>`] : []),
    'MIME-Version: 1.0',
  ];
}

function createContent(index: number, random: Random, text: string): string[] {
  switch (index % 4) {
    case 0:
      return ['Content-Type: text/plain; charset=us-ascii', '', text];
    case 1:
      return [
        'Content-Type: text/plain; charset=iso-8859-1',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        text.replaceAll(' kettle', ' K=E4stchen').replaceAll('xyzzy', 'xy=7Azy'),
      ];
    case 2:
      return createParts('alternative', random.hex(20), [
        ['Content-Type: text/plain; charset=utf-8', '', text],
        ['Content-Type: text/html; charset=utf-8', '', `<html><p>${text}</p></html>`],
      ]);
    default:
      return createParts('mixed', random.hex(20), [
        [
          'Content-Type: text/plain; charset=utf-8',
          'Content-Transfer-Encoding: base64',
          '',
          ...wrapBase64(Buffer.from(text)),
        ],
        [
          'Content-Type: application/pdf; name="report.pdf"',
          'Content-Transfer-Encoding: base64',
          'Content-Disposition: attachment; filename="report.pdf"',
          '',
          ...wrapBase64(Buffer.from(random.octets(8_000 + random.integer(24_000)))),
        ],
      ]);
  }
}

function createParts(kind: string, boundary: string, parts: readonly string[][]): string[] {
  return [
    `Content-Type: multipart/${kind}; boundary="${boundary}"`,
    '',
    ...parts.flatMap((part) => [`--${boundary}`, ...part]),
    `--${boundary}--`,
  ];
}

function createText(random: Random, size: number): string {
  let text = '';
  let lineLength = 0;
  while (text.length < size) {
    const word = random.pick(WORDS);
    text += lineLength > 64 ? `\n${word}` : ` ${word}`;
    lineLength = lineLength > 64 ? word.length : lineLength + word.length + 1;
  }
  return text;
}

function wrapBase64(octets: Buffer): string[] {
  return octets.toString('base64').match(/.{1,76}/g) ?? [];
}
