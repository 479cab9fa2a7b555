/** What machines write: tickets, reminders, reports, a newsletter. */
import { attachment, multipart, plainText, utf8Text } from '../entity.ts';
import { createPdf } from '../files.ts';
import { machines, people, type PersonKey } from '../people.ts';
import type { LetterContext, LetterMaker, LetterPlan } from './letter-maker.ts';

const towns = ['Oakham', 'Lower Wick', 'Saltmarsh', 'Fennel Hill', 'Old Harbour'] as const;
const books = [
  'The Lighthouse Keeper’s Dictionary',
  'Knots for Optimists',
  'A Short History of Soup',
  'Owls and Their Opinions',
] as const;

const ticket: LetterMaker = ({ owner, random, createBoundary }) => {
  const from = random.pick(towns);
  const to = random.pick(towns.filter((town) => town !== from));
  const code = random.hex(6).toUpperCase();
  return {
    from: machines.railway,
    to: [owner],
    ageDays: 6.3,
    subject: `Your ticket ${code}: ${from} to ${to}`,
    content: multipart('mixed', createBoundary(), [
      utf8Text(
        `Thank you for travelling with us.\n\n${from} 09:${10 + random.below(40)} → ${to}, carriage ${1 + random.below(9)}, a seat by the window.\nPlease show the attached ticket, on paper or on a screen.\n`,
      ),
      attachment(
        'application/pdf',
        `ticket-${code}.pdf`,
        createPdf([`Ticket ${code}`, `${from} - ${to}`]),
      ),
    ]),
  };
};

const libraryReminder: LetterMaker = ({ owner, random }) => ({
  from: machines.library,
  to: [owner],
  ageDays: 1.2,
  subject: 'Two books would like to come home',
  content: utf8Text(
    `Dear reader,\n\nthese are due in three days:\n\n  • ${random.pick(books)}\n  • ${random.pick(books)}\n\nYou may extend them once. The book about soup has a waiting list.\n`,
  ),
});

const parcel: LetterMaker = ({ owner, random }) => ({
  from: machines.parcels,
  to: [owner],
  ageDays: 0.4,
  subject: 'Your parcel is with your neighbour (yellow door)',
  content: plainText(
    `Parcel ${random.hex(10).toUpperCase()}\n\n08:10  loaded\n11:42  nobody home, dog friendly\n11:44  left with the neighbour behind the yellow door\n`,
  ),
});

function createBuildReport({ owner, random }: LetterContext, ageDays: number): LetterPlan {
  const number = 1200 - Math.round(ageDays);
  const isGreen = random.below(4) > 0;
  const tests = 400 + random.below(90);
  const result = isGreen ? 'passed' : 'failed';
  return {
    from: machines.builds,
    to: [owner],
    ageDays,
    subject: `[builds] trail-map #${number} ${result}`,
    fields: [
      ['Auto-Submitted', 'auto-generated'],
      ['X-Build-Result', result],
    ],
    content: plainText(
      `trail-map #${number}: ${result}\n\n${tests} tests, ${isGreen ? 0 : 1 + random.below(3)} failures, ${20 + random.below(60)} s\n${isGreen ? '' : '\nFAIL  map > draws the pond where the pond is\n'}`,
    ),
  };
}

/** For a folder of their own. */
export const buildReports: readonly LetterMaker[] = [0.8, 7.1, 15.6, 30.2, 66.4, 101.5].map(
  (ageDays) => (context) => createBuildReport(context, ageDays),
);

const order: LetterMaker = ({ owner, random, createBoundary }) => {
  const number = 40_000 + random.below(9999);
  const text = `Order ${number}\n\n2 x rye, 1 x "the dark one", 6 x poppy seed rolls\nTo be fetched on Saturday from seven o'clock. Gerald says hello.\n`;
  return {
    from: machines.bakery,
    to: [owner],
    ageDays: 10.3,
    subject: `Order ${number} is in the oven (almost)`,
    content: multipart('alternative', createBoundary(), [
      plainText(text),
      utf8Text(`<html><body><h2>🥖 Order ${number}</h2><pre>${text}</pre></body></html>\n`, 'html'),
    ]),
  };
};

const newsletterTopics = [
  [
    'The first frost',
    'Cover what you love and eat what you can. Kale is better afterwards, people less so.',
  ],
  [
    'Compost, a love story',
    'Layer green and brown, turn it when you think of it, and be kind to the worms.',
  ],
  [
    'Ask the hedgehog',
    'No, it does not want milk. Yes, it wants that pile of leaves exactly where it is.',
  ],
  [
    'Tool of the month',
    'The hori-hori: half knife, half trowel, entirely the thing you will lose in the bed.',
  ],
  ['Readers’ pictures', 'Seventeen of you sent a courgette. We have printed the one with the hat.'],
] as const;

/** Large as such letters are: about 30 KB, tables in tables. */
const newsletter: LetterMaker = ({ owner, random, createBoundary }) => {
  const cells = Array.from({ length: 40 }, (_, index) => {
    const [title, text] = newsletterTopics[index % newsletterTopics.length] ?? ['', ''];
    return `<tr><td style="padding:0 24px 24px 24px;font-family:Georgia,'Times New Roman',serif;font-size:16px;line-height:24px;color:#2f3b2f">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td bgcolor="#eef3e6" style="padding:16px;border-radius:8px">
<h2 style="margin:0 0 8px 0;font-size:20px">${index + 1}. ${title}</h2>
<p style="margin:0">${text}</p>
<p style="margin:8px 0 0 0"><a href="https://weather.example.org/read/${random.hex(24)}" style="color:#4a7a3a">Read on →</a></p>
</td></tr></table></td></tr>`;
  });
  const html = `<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>The Greenhouse</title></head><body bgcolor="#ffffff">
<table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0" border="0">
${cells.join('\n')}\n</table></body></html>\n`;
  const text = newsletterTopics.map(([title, words]) => `* ${title}\n  ${words}\n`).join('\n');
  return {
    from: { ...machines.weather, name: 'The Greenhouse' },
    to: [owner],
    ageDays: 4.4,
    subject: '🌱 The Greenhouse, issue 88: frost, compost and a hat',
    fields: [
      ['List-Unsubscribe', '<mailto:leave@weather.example.org>'],
      ['List-Id', '<greenhouse.weather.example.org>'],
      ['Precedence', 'bulk'],
    ],
    content: multipart('alternative', createBoundary(), [utf8Text(text), utf8Text(html, 'html')]),
  };
};

/** For the Archive: short notes of old. */
export const archivedLetters: readonly LetterMaker[] = [
  [
    'mira',
    240,
    'Postcard without a picture',
    'The sea is loud, the bread is good, the bicycle squeaks in B flat.',
  ],
  [
    'sam',
    262,
    'Found your umbrella',
    'It was in our boot since the concert. It has seen more of the country than you.',
  ],
  ['rosa', 305, 'Question about the tent', 'Was there ever a fourth peg? Be honest.'],
  ['kenji', 320, 'Happy new year', 'May your year be as smooth as a well-planed board.'],
  [
    'padraig',
    340,
    'The kettle',
    'It has started to whistle the national anthem. Which nation is under discussion.',
  ],
].map(([key, ageDays, subject, text]): LetterMaker => ({ owner }) => ({
  from: people[key as PersonKey],
  to: [owner],
  ageDays: Number(ageDays),
  subject: String(subject),
  content: plainText(`${text}\n`),
}));

/** Tickets, reminders and the like, for the INBOX. */
export const machineLetters: readonly LetterMaker[] = [
  ticket,
  libraryReminder,
  parcel,
  order,
  newsletter,
];
