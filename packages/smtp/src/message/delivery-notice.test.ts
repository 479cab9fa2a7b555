import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDeliveryNotice } from './delivery-notice.ts';
import type { DeliveryNoticeFacts, NoticeRecipient } from './notice-facts.ts';

const AT = Date.UTC(2026, 10, 26, 9, 5, 7);
const recipient: NoticeRecipient = {
  address: 'ben@example.org',
  originalRecipient: { type: 'rfc822', address: 'list@example.org' },
  action: 'failed',
  enhanced: '5.1.1',
  code: 550,
  text: 'Nobody of that name',
  remote: 'mx.example.org',
  lastAttemptMs: AT,
  retryUntilMs: undefined,
};
const facts: DeliveryNoticeFacts = {
  kind: 'failed',
  reportingMta: 'mail.example.net',
  from: 'postmaster@example.net',
  to: 'anna@example.net',
  messageId: 'N1@mail.example.net',
  reference: '7F3A',
  boundary: 'b0',
  nowMs: AT,
  arrivedMs: AT - 1_000,
  envelopeId: 'e-1',
  recipients: [recipient],
  header: Buffer.from('From: anna@example.net\r\nSubject: x\r\n'),
};
const DATE = 'Thu, 26 Nov 2026 09:05:07 +0000';

function format(given: Partial<DeliveryNoticeFacts>): string {
  return formatDeliveryNotice({ ...facts, ...given }).octets.toString('utf8');
}

function partsOf(text: string): readonly string[] {
  return text.split(/--=_b0(?:--)?\r\n/u).slice(0, 4);
}

describe('formatDeliveryNotice()', () => {
  test('writes a report of three parts', () => {
    const [header, words, status, original] = partsOf(format({}));
    expect(header).toBe(
      'From: Mail Delivery <postmaster@example.net>\r\nTo: <anna@example.net>\r\n' +
        `Subject: Your message could not be delivered\r\nDate: ${DATE}\r\n` +
        'Message-ID: <N1@mail.example.net>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n' +
        'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="=_b0"\r\n\r\n',
    );
    expect(words).toContain('mx.example.org said: 550 5.1.1 Nobody of that name');
    expect(words).toContain('7F3A at mail.example.net');
    expect(status).toBe(
      'Content-Type: message/delivery-status\r\n\r\n' +
        'Original-Envelope-Id: e-1\r\nReporting-MTA: dns; mail.example.net\r\n' +
        'Arrival-Date: Thu, 26 Nov 2026 09:05:06 +0000\r\n\r\n' +
        'Original-Recipient: rfc822; list@example.org\r\nFinal-Recipient: rfc822; ben@example.org\r\n' +
        'Action: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.example.org\r\n' +
        `Diagnostic-Code: smtp; 550 5.1.1 Nobody of that name\r\nLast-Attempt-Date: ${DATE}\r\n\r\n`,
    );
    expect(original).toBe(
      'Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: 7bit\r\n\r\n' +
        'From: anna@example.net\r\nSubject: x\r\n\r\n',
    );
  });

  test('has a group for each recipient', () => {
    const retryUntilMs = AT + 1_000;
    const recipients = [recipient, { ...recipient, action: 'delayed', retryUntilMs } as const];
    const status = partsOf(format({ kind: 'delayed', recipients }))[2] ?? '';
    expect(status.match(/^Final-Recipient: /gmu)).toHaveLength(2);
    expect(status).toContain('Will-Retry-Until: Thu, 26 Nov 2026 09:05:08 +0000\r\n');
  });

  test.each([
    ['ünal@example.org', String.raw`utf-8; \x{FC}nal@example.org`],
    // RFC 6533 §3: what xtext knows for special is escaped as well.
    ['ü+a=b@example.org', String.raw`utf-8; \x{FC}\x{2B}a\x{3D}b@example.org`],
    ['\u{1f4e7}@example.org', String.raw`utf-8; \x{1F4E7}@example.org`],
    ['u+a@example.org', 'rfc822; u+a@example.org'],
  ])('writes %j in ASCII', (address, written) => {
    const status = partsOf(format({ recipients: [{ ...recipient, address }] }))[2];
    expect(status).toContain(`Final-Recipient: ${written}\r\n`);
  });

  test.each([
    // RFC 5322 §2.1.1 allows 998 octets: 160 characters fit behind the name of the field.
    [160, 'Original-Recipient: utf-8; '],
    [164, 'Original-Recipient: utf-8;\r\n '],
    [166, 'Original-Recipient: utf-8;\r\n '],
    [167, undefined],
    [500, undefined],
  ])('writes an ORCPT of %d characters that are not ASCII in lines', (count, written) => {
    const original = { type: 'utf-8', address: 'ü'.repeat(count) };
    const recipients = [{ ...recipient, originalRecipient: original }, recipient];
    const text = format({ recipients });
    expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    const escaped = String.raw`\x{FC}`.repeat(count);
    expect(partsOf(text)[2]?.includes(`${written}${escaped}\r\nFinal-Recipient`)).toBe(
      written !== undefined,
    );
    expect(partsOf(text)[2]?.match(/^Original-Recipient/gmu)).toHaveLength(written ? 2 : 1);
  });

  test('needs SMTPUTF8 for a sender that is not ASCII, and for nothing else', () => {
    const recipients = [{ ...recipient, address: 'ü@ü.example', text: 'nö', remote: 'ü' }];
    const header = Buffer.from('Subject: ü\r\n');
    const plain = formatDeliveryNotice({ ...facts, recipients, header });
    expect(plain.isUtf8).toBe(false);
    expect(plain.octets.every((octet) => octet < 0x80)).toBe(true);
    const utf8 = formatDeliveryNotice({ ...facts, to: 'ä@example.org' });
    expect(utf8.isUtf8).toBe(true);
    expect(utf8.octets.toString('utf8')).toContain('To: <ä@example.org>\r\n');
  });

  test.each([
    ['Subject: ü\r\n', 'message/global-headers', 'Subject: ü\r\n'],
    [`X: ${'y'.repeat(2_000)}\r\n`, 'text/rfc822-headers', `X: ${'y'.repeat(2_000)}\r\n`],
  ])('brings %j back in base64', (header, type, expected) => {
    const [, , , part = ''] = partsOf(format({ header: Buffer.from(header) }));
    expect(part).toContain(`Content-Type: ${type}\r\n`);
    const lines = part.split('\r\n\r\n')[1] ?? '';
    expect(Buffer.from(lines, 'base64').toString('utf8')).toBe(expected);
  });

  test('lets nothing from outside begin a line, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uint8Array(), (text, header) => {
        const one = { ...recipient, text: text.replaceAll(/\p{Cc}/gu, ' '), remote: '' };
        const notice = formatDeliveryNotice({ ...facts, to: text, recipients: [one], header });
        const written = notice.octets.toString('utf8');
        expect(written.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/u);
        const [top = ''] = written.split('\r\n\r\n', 1);
        expect(top.split('\r\n')).toHaveLength(9);
        for (const line of written.split('\r\n')) expect(line.length).toBeLessThan(1_000);
      }),
    );
  });
});
