/** Messages for load: any number, any size, the same for the same arguments. */
import { createMessageId, writeMessage } from './message-writer.ts';
import { attachment, multipart, plainText, type Entity } from './entity.ts';
import { people } from './people.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';

/** Text up to here, an attachment beyond. */
const largestTextBytes = 20_000;

/** What headers take, roughly. */
const headerBytes = 335;

const words =
  'lighthouse kettle ferry river garden owl piano bread lemon string kite bridge boots window letter quiet loud early late borrow return paint plant water north south over under between carefully never always almost twice'.split(
    ' ',
  );

/**
 * Makes the message number `index`: text, and for large sizes an attachment with it.
 *
 * @param sizeBytes Met within 100 octets from 500 up, within a hundredth when there is an
 *   attachment; no message is smaller than about 400.
 */
export function sampleMessage(index: number, sizeBytes: number): Uint8Array {
  const random = createSeededRandom(index + 1);
  const from = random.pick(Object.values(people));
  const to = random.pick(Object.values(people));
  return writeMessage({
    from,
    to: [to],
    subject: `${capitalize(random.pick(words))} ${random.pick(words)} no. ${index}`,
    // One a minute from 1 March 2024 on.
    dateMs: Date.UTC(2024, 2, 1) + index * 60_000,
    messageId: createMessageId(random, from),
    content: createContent(random, Math.max(sizeBytes - headerBytes, 60)),
  });
}

function createContent(random: SeededRandom, sizeBytes: number): Entity {
  if (sizeBytes <= largestTextBytes) return plainText(createText(random, sizeBytes));
  // 78 octets of base64 lines hold 57.
  const fileBytes = Math.floor(((sizeBytes - 1500) / 78) * 57);
  const file = Buffer.alloc(fileBytes, random.octets(997));
  return multipart('mixed', `=_${random.hex(20)}`, [
    plainText(createText(random, 900)),
    attachment('application/octet-stream', `data-${random.hex(4)}.bin`, file),
  ]);
}

function createText(random: SeededRandom, sizeBytes: number): string {
  const lines: string[] = [];
  let length = 0;
  while (length < sizeBytes - 2) {
    const room = Math.min(sizeBytes - length - 2, 72);
    const line = createLine(random, room);
    lines.push(line);
    length += line.length + 2;
  }
  return `${lines.join('\n')}\n`;
}

/** A sentence or so of at most `room` characters, at least one. */
function createLine(random: SeededRandom, room: number): string {
  let line = capitalize(random.pick(words));
  while (line.length < room) line += ` ${random.pick(words)}`;
  return line.slice(0, room).trimEnd();
}

function capitalize(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
