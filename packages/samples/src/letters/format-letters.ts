/** Letters that show one construction of MIME each, as people and their programs send them. */
import { attachment, multipart, oldText, plainText, utf8Text, type Entity } from '../entity.ts';
import { createCalendar, createContact, createPdf, createPng } from '../files.ts';
import { people } from '../people.ts';
import type { LetterContext, LetterMaker } from './letter-maker.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** RFC 6047: the calendar object is an alternative of the text, and a file as well. */
function createInvitation(
  { owner, nowMs, createBoundary }: LetterContext,
  method: 'REQUEST' | 'CANCEL',
  text: string,
): Entity {
  const calendar = createCalendar({
    uid: 'footbridge-walk@example.test',
    method,
    organizer: people.tomas.address,
    attendees: [owner.address, people.wei.address],
    summary: 'Walk along the footbridge site',
    location: 'Mill pond\\, by the old oak',
    startMs: Math.ceil(nowMs / dayMs) * dayMs + 4 * dayMs + 9 * hourMs,
    durationMinutes: 90,
    stampMs: nowMs - 2 * dayMs,
  });
  const part = utf8Text(calendar, 'calendar');
  const typed: Entity = {
    fields: [
      ['Content-Type', `text/calendar; charset=utf-8; method=${method}`],
      ['Content-Transfer-Encoding', 'quoted-printable'],
    ],
    body: part.body,
  };
  const html = utf8Text(
    `<html><body><p>${text.replaceAll('\n', '<br>\n')}</p></body></html>\n`,
    'html',
  );
  const choice = multipart('alternative', createBoundary(), [plainText(text), html, typed]);
  const file = attachment('application/ics', 'invite.ics', Buffer.from(calendar));
  return multipart('mixed', createBoundary(), [choice, file]);
}

const meetingRequest: LetterMaker = (context) => ({
  from: people.tomas,
  to: [context.owner, people.wei],
  ageDays: 2,
  subject: 'Invitation: Walk along the footbridge site',
  fields: [['X-Mailer', 'Example Calendar 7.1']],
  flags: ['\\Flagged'],
  content: createInvitation(
    context,
    'REQUEST',
    'Rubber boots recommended. The ducks have been informed.\n',
  ),
});

const meetingCancelled: LetterMaker = (context) => ({
  from: people.tomas,
  to: [context.owner, people.wei],
  ageDays: 88,
  subject: 'Cancelled: Walk along the footbridge site',
  content: createInvitation(context, 'CANCEL', 'The meadow is a lake today. A new date follows.\n'),
});

const inlinePicture: LetterMaker = ({ owner, random, createBoundary }) => {
  const contentId = `${random.hex(12)}@example.org`;
  const html = utf8Text(
    `<html><body><p>Look what grew <b>overnight</b>:</p>
<p><img src="cid:${contentId}" alt="a pumpkin" width="48" height="36"></p>
<p>It is the size of the cat. The cat is offended.</p></body></html>\n`,
    'html',
  );
  const picture = attachment('image/png', 'pumpkin.png', createPng(48, 36, paintPumpkin), [
    ['Content-ID', `<${contentId}>`],
    ['Content-Disposition', 'inline; filename="pumpkin.png"'],
  ]);
  const text = plainText(
    'Look what grew overnight:\n\n[picture of a pumpkin]\n\nIt is the size of the cat. The cat is offended.\n',
  );
  const related = multipart('related', createBoundary(), [html, picture], ';\r\n type="text/html"');
  return {
    from: people.hugo,
    to: [owner],
    ageDays: 12,
    subject: 'The pumpkin situation',
    content: multipart('alternative', createBoundary(), [text, related]),
  };
};

function paintPumpkin(x: number, y: number): readonly [number, number, number] {
  const distance = Math.hypot((x - 24) / 20, (y - 20) / 14);
  if (distance < 1) return [230, 120 + Math.round(30 * Math.cos(x)), 20];
  return y > 26 ? [90, 140, 60] : [170, 210, 240];
}

const pictureAttachment: LetterMaker = ({ owner, createBoundary }) => ({
  from: people.ruth,
  to: [owner],
  ageDays: 33,
  subject: 'photo of the garden',
  content: multipart('mixed', createBoundary(), [
    plainText('the new telephone takes photographs all by itself, love ruth\n'),
    attachment(
      'image/png',
      'IMG_0001.png',
      createPng(96, 64, (x, y) => [x * 2, 120 + y, 90]),
    ),
  ]),
});

const contactCard: LetterMaker = ({ owner, createBoundary }) => ({
  from: people.padraig,
  to: [owner],
  ageDays: 57,
  subject: 'The boat builder',
  content: multipart('mixed', createBoundary(), [
    plainText('As promised. Call before noon, after noon he is in the boat.\n\nP.\n'),
    attachment(
      'text/vcard; charset=utf-8',
      'boat-builder.vcf',
      Buffer.from(createContact('Fionn Daly', 'fionn@boats.example.org', 'Wooden boats, patience')),
    ),
  ]),
});

const encodedFileNames: LetterMaker = ({ owner, createBoundary }) => ({
  from: people.lena,
  to: [owner],
  ageDays: 143,
  subject: 'Übersicht der Kosten für das Gartenhäuschen, überarbeitete Fassung mit Dachrinne',
  content: multipart('mixed', createBoundary(), [
    utf8Text('Anbei die Übersicht. Die Dachrinne ist die gute.\n\nLena\n'),
    attachment('application/pdf', 'Uebersicht.pdf', createPdf(['Gartenhaeuschen', 'Summe: 812']), [
      [
        'Content-Disposition',
        "attachment;\r\n filename*0*=UTF-8''%C3%9Cbersicht%20der%20Kosten%20f%C3%BCr;\r\n filename*1*=%20das%20Gartenh%C3%A4uschen.pdf",
      ],
    ]),
    attachment('text/csv', '=?utf-8?Q?Preise_f=C3=BCr_Lena.csv?=', Buffer.from('Dachrinne;48\r\n')),
  ]),
});

const flowedText: LetterMaker = ({ owner }) => ({
  from: people.rosa,
  to: [owner],
  ageDays: 21,
  subject: 'Long walk, long letter',
  content: {
    fields: [
      ['Content-Type', 'text/plain; charset=us-ascii; format=flowed; delsp=no'],
      ['Content-Transfer-Encoding', '7bit'],
    ],
    body: [
      'Today I walked from the station to the sea, which the map says is eleven ',
      'kilometres and my boots say is nineteen. Half way there is a bench with a ',
      'brass plate: "For everyone who thought it was closer."',
      '',
      '> did you meet the goats? ',
      '> they are usually near the gate',
      '',
      'I met the goats. One of them followed me for a while and then changed its ',
      'mind, like a friend who remembers the oven.',
      '',
      '-- ',
      'Rosa',
      '',
    ].join('\r\n'),
  },
});

const quotedPrintableOddities: LetterMaker = ({ owner }) => ({
  from: people.hugo,
  to: [owner],
  ageDays: 105,
  subject: 'Test from the new phone = does it work?',
  content: {
    fields: [
      ['Content-Type', 'text/plain; charset="UTF-8"'],
      ['Content-Transfer-Encoding', 'Quoted-Printable'],
    ],
    body: [
      'Equals: 1 + 1 =3D 2, lower case =c3=a5, a soft break in a =C3=',
      '=A4 letter.',
      'Spaces that stay:=20',
      'A broken escape =ZZ and a lonely = sign.',
      '=46rom the start of a line, so that no mailbox stumbles over it.',
      '=2E',
      'Trailing soft break at the end.=',
      '',
    ].join('\r\n'),
  },
});

const manyRecipients: LetterMaker = ({ owner }) => {
  const voices = ['soprano', 'alto', 'tenor', 'bass', 'piano'];
  const singers = Array.from({ length: 29 }, (_, index) => ({
    name: `Singer ${index + 1}, ${voices[index % voices.length]}`,
    address: `singer${index + 1}@choir.example.org`,
    zoneMinutes: 120,
  }));
  return {
    from: people.noa,
    to: [owner, ...singers],
    ageDays: 17,
    subject: 'Summer concert: all thirty of you',
    content: oldText(
      'Dear all,\n\nblack trousers, white shirts, and please no squeaking shoes this year. We meet at six.\n\nNoa\n',
      'iso-8859-1',
      '7bit',
    ),
  };
};

/** In the order in which they are described above. */
export const formatLetters: readonly LetterMaker[] = [
  meetingRequest,
  meetingCancelled,
  inlinePicture,
  pictureAttachment,
  contactCard,
  encodedFileNames,
  flowedText,
  quotedPrintableOddities,
  manyRecipients,
];
