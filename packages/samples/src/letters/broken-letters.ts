/**
 * Letters that are broken the way real mail is. Lines end with CRLF in all of them, as servers
 * store them: what arrived with bare LF was mended on the way. What stays broken is said at
 * each.
 */
import { multipart, plainText, utf8Text } from '../entity.ts';
import { machines, people } from '../people.ts';
import type { LetterMaker } from './letter-maker.ts';

/** Latin-1 view of UTF-8 octets, for fields that should have been encoded. */
const rawUtf8 = (text: string): string => Buffer.from(text).toString('latin1');

/** Stays broken: the message ends inside its last part. */
const noFinalBoundary: LetterMaker = ({ owner, createBoundary }) => ({
  from: people.sam,
  to: [owner],
  ageDays: 44,
  subject: 'Sent from the train, tunnel ahead',
  content: multipart('alternative', createBoundary(), [
    plainText('The connection is bad here, I will send the rest when we are out of the\n'),
    utf8Text(
      '<p>The connection is bad here, I will send the rest when we are out of the</p>\n',
      'html',
    ),
  ]),
  damage: (message) => message.slice(0, message.lastIndexOf('</p>')),
});

/** Stays broken: UTF-8 in header fields, unencoded. */
const rawHeaders: LetterMaker = ({ owner }) => ({
  from: { ...people.hugo, name: 'Hugo L' },
  to: [owner],
  ageDays: 91,
  subject: undefined,
  fields: [
    ['Subject', rawUtf8('Blåbär och köttbullar på söndag')],
    ['X-Greeting', rawUtf8('Hälsningar från Malmö')],
  ],
  content: utf8Text('Sunday, two o’clock. Bring an appetite, I have made too many again.\n'),
});

/** Stays broken: Latin-1 in header fields, and a body in it that says it is ASCII. */
const rawLatin1: LetterMaker = ({ owner }) => ({
  from: people.tomas,
  to: [owner],
  ageDays: 180,
  subject: undefined,
  fields: [['Subject', 'Pr\xe9sentation du pont, derni\xe8re version']],
  content: {
    fields: [['Content-Type', 'text/plain; charset=us-ascii']],
    body: 'La pr\xe9sentation est pr\xeate, les caf\xe9s aussi.\r\n',
  },
  damage: (message) => message.replace(/^From: .*?(?= <)/ms, 'From: Tom\xe1\xb9 Dvo\xf8\xe1k'),
});

/** Stays broken: multipart without boundary, two Subject fields, garbage for a type. */
const confusedMachine: LetterMaker = ({ owner }) => ({
  from: machines.weather,
  to: [owner],
  ageDays: 213,
  subject: 'Frost warning, cover the lemons',
  fields: [
    ['Subject', '(no subject)'],
    ['X-Mailer', ''],
  ],
  content: {
    fields: [
      ['Content-Type', 'multipart/mixed'],
      ['Content-Type', 'text; charset'],
    ],
    body: 'Minus three degrees expected near the ground. The lemons know what to do.\r\n',
  },
});

/** Stays broken: a line without a colon in the header, an mbox line in front, a strange To. */
const importedLetter: LetterMaker = ({ owner }) => ({
  from: people.ruth,
  to: [owner],
  ageDays: 350,
  subject: 'how do i switch this off',
  content: plainText('it talks to me now, i have put it in the drawer\n'),
  damage: (message) =>
    `From ruth@family.example.org Sat Jan  1 00:00:00 2000\r\n${message.replace(
      'MIME-Version: 1.0\r\n',
      'this line was a folded one before it lost its space\r\n',
    )}`.replace(/^To: .*$/m, 'To: "my dear grandchild <?>, undisclosed-recipients:;'),
});

/** Stays broken: carriage returns in the middle of a line. */
const strayControls: LetterMaker = ({ owner }) => ({
  from: machines.parcels,
  to: [owner],
  ageDays: 122,
  subject: 'Your parcel is 99% there',
  content: {
    fields: [['Content-Type', 'text/plain; charset=us-ascii']],
    body: 'Progress: 10%\rProgress: 50%\rProgress: 99%\r\nThe last one is the stairs.\r\n',
  },
});

/** Not broken, but often met by surprise: the subject is there and empty, or not there. */
const emptySubject: LetterMaker = ({ owner }) => ({
  from: people.padraig,
  to: [owner],
  ageDays: 29,
  subject: '',
  content: plainText('I hit send too early, as always. What I meant to say: yes.\n'),
});

const noSubject: LetterMaker = ({ owner }) => ({
  from: people.rosa,
  to: [owner],
  ageDays: 230,
  subject: undefined,
  content: plainText('See you at the station, third pillar from the left.\n'),
});

/** In the order in which they are described above. */
export const brokenLetters: readonly LetterMaker[] = [
  noFinalBoundary,
  rawHeaders,
  rawLatin1,
  confusedMachine,
  importedLetter,
  strayControls,
  emptySubject,
  noSubject,
];
