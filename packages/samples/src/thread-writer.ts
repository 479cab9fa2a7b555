/** Writes the messages of a conversation, each with its references and what it answers. */
import { attachment, base64Text, multipart, plainText, utf8Text, type Entity } from './entity.ts';
import { createContact, createPdf, createPng } from './files.ts';
import type { LetterContext } from './letters/letter-maker.ts';
import type { Note, Thread } from './letters/thread.ts';
import { createMessageId, formatDate, type Letter } from './message-writer.ts';
import { people, type Person } from './people.ts';

const hourMs = 3_600_000;

/** A message of a conversation and what happened to it. */
export interface ThreadLetter {
  readonly letter: Letter;
  readonly isFromOwner: boolean;
  /** True if the owner wrote the next message. */
  readonly isAnswered: boolean;
}

/** @param startMs When the first message was written. */
export function writeThread(
  thread: Thread,
  startMs: number,
  context: LetterContext,
): readonly ThreadLetter[] {
  const { notes } = thread;
  const authors = notes.map(({ from }) => (from === 'owner' ? context.owner : people[from]));
  const everybody = [...new Set([...authors, context.owner])];
  const references: string[] = [];
  let dateMs = startMs;
  let quote = '';
  return notes.map((note, index) => {
    const from = authors[index] as Person;
    dateMs += note.afterHours * hourMs + context.random.below(1800) * 1000;
    const letter: Letter = {
      from,
      to: everybody.filter((person) => person !== from),
      subject: index === 0 ? thread.subject : `Re: ${thread.subject.replace(/^Re: /, '')}`,
      dateMs,
      messageId: createMessageId(context.random, from),
      references: [...references],
      content: writeNote(note, thread, quote, context),
    };
    references.push(letter.messageId);
    quote = quoteNote(note, from, dateMs);
    const isFromOwner = note.from === 'owner';
    return { letter, isFromOwner, isAnswered: notes[index + 1]?.from === 'owner' && !isFromOwner };
  });
}

function quoteNote({ text }: Note, from: Person, dateMs: number): string {
  const lines = text.split('\n').map((line) => `>${line === '' ? '' : ' '}${line}`);
  return `\nOn ${formatDate(dateMs, from.zoneMinutes)}, ${from.name} wrote:\n${lines.join('\n')}\n`;
}

function writeNote(note: Note, thread: Thread, quote: string, context: LetterContext): Entity {
  const plain = writeText(`${note.text}\n${quote}`);
  const content = note.isRich
    ? multipart('alternative', context.createBoundary(), [plain, writeHtml(note.text, quote)])
    : plain;
  if (note.file === undefined) return content;
  return multipart('mixed', context.createBoundary(), [
    content,
    createFile(note.file, thread, context),
  ]);
}

/** ASCII as it is, mostly ASCII in quoted-printable, the rest in base64. */
function writeText(text: string): Entity {
  const foreign = text.replaceAll(/[\n\x20-\x7e]/g, '').length;
  if (foreign === 0) return plainText(text);
  return foreign * 4 < text.length ? utf8Text(text) : base64Text(text);
}

function writeHtml(text: string, quote: string): Entity {
  const escape = (raw: string): string =>
    raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const paragraphs = text
    .split('\n\n')
    .map((paragraph) => `<p>${escape(paragraph).replaceAll('\n', '<br>\n')}</p>`);
  const quoted =
    quote === '' ? '' : `<blockquote type="cite"><pre>${escape(quote)}</pre></blockquote>`;
  return utf8Text(`<html><body>\n${paragraphs.join('\n')}\n${quoted}</body></html>\n`, 'html');
}

function createFile(
  kind: NonNullable<Note['file']>,
  thread: Thread,
  context: LetterContext,
): Entity {
  const { random } = context;
  switch (kind) {
    case 'pdf': {
      const lines = [thread.subject.replaceAll(/[^\x20-\x7e]/g, '?'), `No. ${random.hex(4)}`];
      return attachment('application/pdf', `notes-${random.hex(4)}.pdf`, createPdf(lines));
    }
    case 'png': {
      const shade = random.below(200);
      const picture = createPng(64, 48, (x, y) => [(x * 4 + shade) % 256, y * 5, shade]);
      return attachment('image/png', `DSC_${1000 + random.below(9000)}.png`, picture);
    }
    case 'contact': {
      const card = createContact('Rim Haddad', 'rim@chairs.example.org', 'Restores armchairs');
      return attachment('text/vcard', 'rim-haddad.vcf', Buffer.from(card));
    }
  }
}
