/** What a sample mailbox promises, read with the scanner that servers use. */
import { describe, expect, it } from 'vitest';
import {
  decodeEncodedWords,
  listTextRanges,
  type MimePart,
  readHeaderField,
  readHeaderFields,
  readParameterText,
  scanMessage,
  textOfPart,
} from '@homeward/mime';
import { sampleMailbox, type SampleMailboxOptions, type SampleMessage } from './sample-mailbox.ts';

const nowMs = Date.UTC(2026, 10, 24, 12);
const options: SampleMailboxOptions = {
  ownerAddress: 'una.vale@example.test',
  ownerName: 'Una Vale',
  seed: 7,
  nowMs,
};
const { folders } = sampleMailbox(options);
const everything = folders.flatMap(({ messages }) => messages);
const inbox = folders.find(({ path }) => path === 'INBOX')?.messages ?? [];

function listParts(part: MimePart): readonly MimePart[] {
  const inner = part.message === undefined ? [] : listParts(part.message.root);
  return [part, ...inner, ...part.parts.flatMap(listParts)];
}

function typeOf({ type, subtype }: MimePart): string {
  return `${type}/${subtype}`.toLowerCase();
}

function textOf({ octets }: SampleMessage): string {
  const ranges = listTextRanges(scanMessage(octets).root);
  return ranges
    .map((range) => {
      const piece = octets.subarray(range.start, range.end);
      if (range.kind === 'body') return textOfPart(range.part, piece);
      return decodeEncodedWords(readHeaderFields(piece, 'subject').join('\n'));
    })
    .join('\n');
}

function findBySubject(subject: string): SampleMessage {
  const found = everything.find(({ octets }) => {
    return decodeEncodedWords(readHeaderField(octets, 'subject') ?? '').startsWith(subject);
  });
  if (found === undefined) throw new Error(`no message "${subject}"`);
  return found;
}

describe('sampleMailbox()', () => {
  it('gives the same octets for the same options, and others for another seed', () => {
    expect(sampleMailbox(options)).toEqual({ folders });
    const other = sampleMailbox({ ...options, seed: 8 });
    expect(other.folders.map(({ path }) => path)).toEqual(folders.map(({ path }) => path));
    const seen = new Set(everything.map(({ octets }) => Buffer.from(octets).toString('latin1')));
    for (const { octets } of other.folders.flatMap(({ messages }) => messages)) {
      expect(seen.has(Buffer.from(octets).toString('latin1'))).toBe(false);
    }
  });

  it('has the folders people have, parents first', () => {
    const uses = folders.flatMap(({ path, specialUse }) =>
      specialUse ? [[path, specialUse]] : [],
    );
    expect(Object.fromEntries(uses)).toEqual({
      Sent: '\\Sent',
      Drafts: '\\Drafts',
      Trash: '\\Trash',
      Junk: '\\Junk',
      Archive: '\\Archive',
    });
    const paths = folders.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['INBOX', 'Reisen/Zürich', '受信/仕事']));
    for (const path of paths.filter((each) => each.includes('/'))) {
      const parent = path.slice(0, path.lastIndexOf('/'));
      expect(paths.indexOf(parent)).toBeLessThan(paths.indexOf(path));
      expect(paths.indexOf(parent)).toBeGreaterThanOrEqual(0);
    }
    expect(folders.filter(({ isSubscribed }) => !isSubscribed)).toHaveLength(1);
  });

  it('has about 60 messages in the INBOX, the newest of them unread', () => {
    expect(inbox.length).toBeGreaterThan(55);
    expect(inbox.length).toBeLessThan(70);
    const unread = inbox.filter(({ flags }) => !flags.includes('\\Seen'));
    expect(unread.length).toBeGreaterThan(4);
    expect(unread.length).toBeLessThan(8);
    expect(inbox.slice(-7)).toEqual(expect.arrayContaining(unread));
    expect(inbox.at(-1)?.flags).toEqual([]);
  });

  it('spreads dates over the year before now, in order within each folder', () => {
    for (const { messages } of folders) {
      const times = messages.map(({ internalDateMs }) => internalDateMs);
      expect(times).toEqual(times.toSorted((left, right) => left - right));
      expect(times.every((timeMs) => timeMs % 1000 === 0 && timeMs < nowMs)).toBe(true);
    }
    const agesDays = everything.map(({ internalDateMs }) => (nowMs - internalDateMs) / 86_400_000);
    expect(Math.max(...agesDays)).toBeGreaterThan(330);
    expect(Math.max(...agesDays)).toBeLessThan(366);
    expect(Math.min(...agesDays)).toBeLessThan(1);
  });

  it('ends every line with CRLF', () => {
    for (const { octets } of everything) {
      expect(Buffer.from(octets).toString('latin1')).not.toMatch(/(?<!\r)\n|\0/);
    }
  });

  it('names no address outside the domains for examples', () => {
    const hosts = new Set<string>();
    for (const { octets } of everything) {
      const text = `${Buffer.from(octets).toString('latin1')}${textOf({ octets, flags: [], internalDateMs: 0 })}`;
      for (const [, host] of text.matchAll(/[\w.+-]+@([\w.-]+\.[a-z]+)/gi)) hosts.add(host ?? '');
    }
    expect(hosts.size).toBeGreaterThan(10);
    expect([...hosts].filter((host) => !/(?:^|\.)example\.(?:test|org)$/.test(host))).toEqual([]);
  });

  it('gives each message an identifier of its own, and answers what is there', () => {
    const ids = everything.map(({ octets }) => readHeaderField(octets, 'message-id'));
    expect(new Set(ids).size).toBe(everything.length);
    const answers = everything.flatMap(({ octets }) => readHeaderFields(octets, 'in-reply-to'));
    expect(answers.length).toBeGreaterThan(25);
    expect(answers.filter((id) => !ids.includes(id))).toEqual([]);
    for (const { octets } of everything) {
      const references = readHeaderField(octets, 'references')?.split(/\s+/) ?? [];
      expect(references.at(-1)).toBe(readHeaderField(octets, 'in-reply-to'));
      expect(references.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  it('marks what the owner answered, and has the answers in Sent', () => {
    const answered = everything.filter(({ flags }) => flags.includes('\\Answered'));
    const sent = folders.find(({ path }) => path === 'Sent')?.messages ?? [];
    const repliedTo = new Set(sent.map(({ octets }) => readHeaderField(octets, 'in-reply-to')));
    expect(answered.length).toBeGreaterThan(5);
    for (const { octets } of answered) {
      expect(repliedTo).toContain(readHeaderField(octets, 'message-id'));
    }
  });
});

describe('the messages of sampleMailbox()', () => {
  it('show all constructions that programs must know', () => {
    const types = new Set(
      everything.flatMap(({ octets }) => listParts(scanMessage(octets).root).map(typeOf)),
    );
    expect([...types]).toEqual(
      expect.arrayContaining([
        'multipart/mixed',
        'multipart/alternative',
        'multipart/related',
        'multipart/digest',
        'multipart/report',
        'multipart/signed',
        'message/rfc822',
        'message/delivery-status',
        'message/disposition-notification',
        'text/plain',
        'text/html',
        'text/calendar',
        'text/vcard',
        'text/csv',
        'image/png',
        'application/pdf',
      ]),
    );
  });

  it.each([
    ['周末的风筝比赛', 'gb18030', '带上你的蓝色风筝'],
    ['回复：周末', 'utf-8', '章鱼'],
    ['橋の写真のお礼', 'iso-2022-jp', '桜が咲きそうです'],
    ['Варенье и книга', 'koi8-r', 'не даёт её'],
    ['Καλημέρα', 'iso-8859-7', 'πολυθρόνες'],
    ['دعوة', 'utf-8', 'المقلوبة'],
    ['חזרה', 'utf-8', 'התיקייה הירוקה'],
    ['🎂', 'utf-8', '👨‍👩‍👧‍👦'],
    ['Grüße aus Köln und ein Schlüssel', 'iso-8859-1', 'Gänseblümchen'],
    ['展示会の準備', 'utf-8', '九十センチ'],
  ])('can be read in their scripts: %s in %s', (subject, charset, words) => {
    const message = findBySubject(subject);
    const { root } = scanMessage(message.octets);
    expect(readParameterText(root.parameters, 'charset')).toBe(charset);
    expect(textOf(message)).toContain(words);
  });

  it('have no character that was lost, but in those that are broken on purpose', () => {
    const broken = everything.filter((message) => textOf(message).includes('\ufffd'));
    expect(broken).toEqual([]);
  });

  it('ask for a meeting with a calendar object as an alternative', () => {
    const { root } = scanMessage(findBySubject('Invitation: Walk').octets);
    const calendar = root.parts[0]?.parts[2];
    expect(calendar && typeOf(calendar)).toBe('text/calendar');
    expect(readParameterText(calendar?.parameters ?? [], 'method')).toBe('REQUEST');
    expect(textOf(findBySubject('Invitation: Walk'))).toContain(`mailto:${options.ownerAddress}`);
  });

  it('show the inline picture that the HTML names', () => {
    const message = findBySubject('The pumpkin situation');
    const related = scanMessage(message.octets).root.parts[1];
    const id = related?.parts[1]?.id ?? '';
    expect(textOf(message)).toContain(`cid:${id.slice(1, -1)}`);
  });

  it('name files in any script', () => {
    const { root } = scanMessage(findBySubject('Übersicht der Kosten').octets);
    const names = root.parts.map(({ disposition }) =>
      readParameterText(disposition?.parameters ?? [], 'filename'),
    );
    expect(names).toEqual([
      undefined,
      'Übersicht der Kosten für das Gartenhäuschen.pdf',
      'Preise für Lena.csv',
    ]);
  });

  it('have thirty recipients where thirty are promised, and four messages in the digest', () => {
    expect(scanMessage(findBySubject('Summer concert').octets).envelope.to).toHaveLength(30);
    const digest = scanMessage(findBySubject('Kite Builders digest').octets).root.parts[1];
    expect(digest?.parts.map(({ message }) => message?.envelope.subject)).toHaveLength(4);
    expect(digest?.parts[3]?.message?.envelope.subject).toBe('Lost: red delta');
  });

  it('are broken where they are said to be', () => {
    const cut = Buffer.from(findBySubject('Sent from the train').octets).toString('latin1');
    expect(cut).not.toMatch(/--\r\n$/);
    expect(readHeaderFields(findBySubject('Frost warning').octets, 'subject')).toHaveLength(2);
    expect(Buffer.from(findBySubject('how do i switch').octets).toString('latin1', 0, 5)).toBe(
      'From ',
    );
    expect(readHeaderField(findBySubject('Blåbär').octets, 'subject')).toMatch(/[\x80-\xff]/);
    expect(readHeaderField(findBySubject('Présentation').octets, 'subject')).toContain('\xe9');
    expect(Buffer.from(findBySubject('Your parcel is 99%').octets).toString('latin1')).toMatch(
      /\r(?!\n)/,
    );
    const subjects = inbox.map(({ octets }) => readHeaderField(octets, 'subject'));
    expect(subjects.filter((subject) => subject === '')).toHaveLength(1);
    expect(subjects.filter((subject) => subject === undefined)).toHaveLength(1);
  });
});
