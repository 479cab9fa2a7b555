/** What the filter caught, and what was thrown away. Harmless and obviously silly. */
import { plainText, utf8Text } from '../entity.ts';
import { machines, people } from '../people.ts';
import type { LetterMaker } from './letter-maker.ts';

const stranger = {
  name: 'Totally Real Prince',
  address: 'prince@castles.example.org',
  zoneMinutes: 0,
};

/** For Junk. */
export const junkLetters: readonly LetterMaker[] = [
  ({ owner }) => ({
    from: stranger,
    to: [{ ...owner, name: 'Dear Friend' }],
    ageDays: 11,
    subject: 'URGENT: I have inherited 400 geese',
    fields: [['X-Spam-Flag', 'YES']],
    content: plainText('Please send a pond by return of post. Half of the eggs will be yours.\n'),
  }),
  ({ owner, random }) => ({
    from: { ...stranger, name: 'Miracle Socks', address: 'deals@socks.example.org' },
    to: [owner],
    ageDays: 3.5,
    subject: '⭐️⭐️ Socks that NEVER get lost ⭐️⭐️',
    fields: [['X-Spam-Flag', 'YES']],
    content: utf8Text(
      `<html><body><font size="7" color="red">97% OFF</font><p>They always come back. <a href="https://socks.example.org/${random.hex(8)}">Click here</a></p></body></html>\n`,
      'html',
    ),
  }),
  ({ owner }) => ({
    from: { ...stranger, name: 'Lottery of the Moon', address: 'win@moon.example.org' },
    to: [owner],
    ageDays: 48,
    subject: 'You have won a crater (small)',
    content: plainText('Collect in person. Bring a jacket.\n'),
  }),
];

/** For Trash. */
export const trashedLetters: readonly LetterMaker[] = [
  ({ owner }) => ({
    from: machines.weather,
    to: [owner],
    ageDays: 13,
    subject: 'Forecast for yesterday',
    content: plainText('It was sunny, as you know.\n'),
  }),
  ({ owner }) => ({
    from: people.hugo,
    to: [owner],
    ageDays: 50,
    subject: 'Please ignore the last one',
    content: plainText('And this one as well.\n'),
  }),
];

/** For Drafts: from the owner. */
export const draftLetters: readonly LetterMaker[] = [
  ({ owner }) => ({
    from: owner,
    to: [people.ruth],
    ageDays: 1.5,
    subject: 'Plums, and the big basket',
    content: utf8Text(
      'Dear Ruth,\n\nabout Saturday: I have found the basket. It is bigger than the car, so\n',
    ),
  }),
  ({ owner }) => ({
    from: owner,
    to: [],
    ageDays: 22,
    subject: '',
    content: utf8Text('things to ask Tomáš: posts, paint, who feeds the ducks\n'),
  }),
];
