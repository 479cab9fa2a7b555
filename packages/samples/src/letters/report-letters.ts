/** Letters that carry other letters, or report about them: digest, forward, bounce, receipt. */
import { embeddedMessage, multipart, plainText, utf8Text } from '../entity.ts';
import { createMessageId, writeMessage } from '../message-writer.ts';
import { machines, people } from '../people.ts';
import type { LetterMaker } from './letter-maker.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const digest: LetterMaker = ({ owner, random, nowMs, createBoundary }) => {
  const topics = [
    [people.sam, 'Tails: ribbon or paper?', 'Ribbon. Paper forgets its duty in the rain.\n'],
    [people.wei, 'Re: Tails: ribbon or paper?', 'Paper, but waxed, and shorter than you think.\n'],
    [people.mira, 'Box kite plans, metric', 'Spars 90 cm, cells 30 cm, string: all of it.\n'],
    [people.hugo, 'Lost: red delta', 'Last seen heading for the lighthouse at some height.\n'],
  ] as const;
  const messages = topics.map(([from, subject, text], index) =>
    embeddedMessage(
      writeMessage({
        from,
        to: [machines.list],
        subject,
        dateMs: nowMs - 6 * dayMs + index * hourMs,
        messageId: createMessageId(random, from),
        content: plainText(text),
      }),
    ),
  );
  // Inside a digest the type goes without saying (RFC 2046 §5.1.5).
  const parts = messages.map(({ body }) => ({ fields: [], body }));
  return {
    from: machines.list,
    to: [owner],
    ageDays: 5.5,
    subject: 'Kite Builders digest, volume 12, issue 7',
    fields: [
      ['List-Id', 'Kite Builders <kites.lists.example.org>'],
      ['List-Post', '<mailto:kites@lists.example.org>'],
      ['Precedence', 'list'],
    ],
    content: multipart('mixed', createBoundary(), [
      plainText('Today: tails (2), a plan, and a loss.\n'),
      multipart('digest', createBoundary(), parts),
      plainText('End of digest. Keep your strings dry.\n'),
    ]),
  };
};

const forwarded: LetterMaker = ({ owner, random, nowMs, createBoundary }) => {
  const original = writeMessage({
    from: machines.bakery,
    to: [people.mira],
    subject: 'Your sourdough has a name now',
    dateMs: nowMs - 15 * dayMs,
    messageId: createMessageId(random, machines.bakery),
    content: multipart('alternative', createBoundary(), [
      plainText('We call it Gerald. It doubled overnight and asked for rye.\n'),
      utf8Text(
        '<p>We call it <b>Gerald</b>. It doubled overnight and asked for rye.</p>\n',
        'html',
      ),
    ]),
  });
  return {
    from: people.mira,
    to: [owner],
    ageDays: 14,
    subject: 'Fwd: Your sourdough has a name now',
    content: multipart('mixed', createBoundary(), [
      plainText('I think we have been adopted by a bakery.\n\nMira\n'),
      embeddedMessage(original, [
        ['Content-Disposition', 'attachment;\r\n filename="Your sourdough has a name now.eml"'],
      ]),
    ]),
  };
};

const deliveryReport: LetterMaker = ({ owner, createBoundary }) => ({
  from: machines.postmaster,
  to: [owner],
  ageDays: 37,
  subject: 'Undelivered Mail Returned to Sender',
  fields: [['Auto-Submitted', 'auto-replied']],
  content: multipart(
    'report',
    createBoundary(),
    [
      plainText(
        "This is the mail system at mx.example.org.\n\nI'm sorry to have to inform you that your message could not be delivered\nto one or more recipients.\n\n<grandma.ruht@family.example.org>: no such mailbox. Perhaps a letter slipped?\n",
      ),
      {
        fields: [['Content-Type', 'message/delivery-status']],
        body: [
          'Reporting-MTA: dns; mx.example.org',
          'X-Queue-ID: 4B1C22D0',
          '',
          'Final-Recipient: rfc822; grandma.ruht@family.example.org',
          'Original-Recipient: rfc822;grandma.ruht@family.example.org',
          'Action: failed',
          'Status: 5.1.1',
          'Diagnostic-Code: smtp; 550 5.1.1 No such mailbox',
          '',
        ].join('\r\n'),
      },
      {
        fields: [['Content-Type', 'text/rfc822-headers']],
        body: `From: ${owner.address}\r\nTo: grandma.ruht@family.example.org\r\nSubject: Plums\r\n`,
      },
    ],
    '; report-type=delivery-status',
  ),
});

const readReceipt: LetterMaker = ({ owner, random, createBoundary }) => ({
  from: people.eleni,
  to: [owner],
  ageDays: 76,
  subject: 'Read: Budget for the reading room',
  fields: [['Auto-Submitted', 'auto-replied']],
  content: multipart(
    'report',
    createBoundary(),
    [
      plainText('Your message was displayed. There is no guarantee that it was understood.\n'),
      {
        fields: [['Content-Type', 'message/disposition-notification']],
        body: [
          'Reporting-UA: books.example.org; Example Mail 115.3',
          `Final-Recipient: rfc822;${people.eleni.address}`,
          `Original-Message-ID: <${random.hex(12)}@example.test>`,
          'Disposition: manual-action/MDN-sent-manually; displayed',
          '',
        ].join('\r\n'),
      },
    ],
    '; report-type=disposition-notification',
  ),
});

const receiptWanted: LetterMaker = ({ owner }) => ({
  from: people.eleni,
  to: [owner],
  ageDays: 9,
  subject: 'Please confirm: story hour moves to eleven',
  fields: [['Disposition-Notification-To', people.eleni.address]],
  flags: ['$MDNSent'],
  content: utf8Text(
    'Ten is too early for stories, the children say. Eleven it is — agreed?\n\nEleni\n',
  ),
});

const signed: LetterMaker = ({ owner, random, createBoundary }) => ({
  from: people.kenji,
  to: [owner],
  ageDays: 174,
  subject: 'Signed, as we agreed',
  content: multipart(
    'signed',
    createBoundary(),
    [
      plainText('The key is on the card I gave you at the exhibition.\n\nKenji\n'),
      {
        fields: [['Content-Type', 'application/pgp-signature; name="signature.asc"']],
        // Only looks like one: samples have no keys.
        body: `-----BEGIN PGP SIGNATURE-----\r\n\r\n${random.octets(45).toString('base64')}\r\n=ABCD\r\n-----END PGP SIGNATURE-----\r\n`,
      },
    ],
    ';\r\n protocol="application/pgp-signature"; micalg=pgp-sha256',
  ),
});

/** In the order in which they are described above. */
export const reportLetters: readonly LetterMaker[] = [
  digest,
  forwarded,
  deliveryReport,
  readReceipt,
  receiptWanted,
  signed,
];
