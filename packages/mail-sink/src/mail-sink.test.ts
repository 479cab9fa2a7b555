import { createTempFolder, createTestCertificate } from '@homeward/testkit';
import { readdir, readFile } from 'node:fs/promises';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { expect, test } from 'vitest';
import { type MailSinkOptions, openMailSink } from './mail-sink.ts';

const AT = { host: '127.0.0.1', port: 0 } as const;
const LETTER = { from: 'anna@example.org', to: 'bob@far.example', subject: 'Hi', text: 'Hello' };

async function send(port: number, letter: SendMailOptions, tls: object = {}): Promise<unknown> {
  const client = createTransport({ host: '127.0.0.1', port, name: 'me.example', ...tls });
  try {
    return await client.sendMail(letter);
  } finally {
    client.close();
  }
}

const open = (changes: Partial<MailSinkOptions> = {}): ReturnType<typeof openMailSink> =>
  openMailSink({ ...AT, ...changes });

test('openMailSink() takes mail for anybody, and tells who waits for it', async () => {
  await using sink = await open();
  const waiting = sink.messages.find(({ recipients }) => recipients.includes('bob@far.example'));
  await send(sink.port, { ...LETTER, cc: 'zo\u00eb@other.example' });
  const message = await waiting;
  expect(message).toMatchObject({ number: 1, sender: 'anna@example.org', isEncrypted: false });
  expect(message.recipients).toEqual(['bob@far.example', 'zo\u00eb@other.example']);
  expect(message.parameters).toMatchObject({ SMTPUTF8: true });
  expect(message.octets.toString()).toContain('Hello');
  expect(message.octets.length).toBe(message.sizeBytes);
});

test('openMailSink() offers STARTTLS with a certificate', async () => {
  const { key, cert, ca } = await createTestCertificate();
  await using sink = await open({ tls: { key, cert } });
  await send(sink.port, LETTER, { requireTLS: true, tls: { ca } });
  expect(sink.messages.kept[0]?.isEncrypted).toBe(true);
});

test.each([
  ['nobody@far.example', '550 5.1.1'],
  ['later@far.example', '451 4.'],
])('openMailSink() refuses %s with %s', async (to, reply) => {
  await using sink = await open();
  await expect(send(sink.port, { ...LETTER, to })).rejects.toThrow(reply);
  expect(sink.messages.count).toBe(0);
});

test('openMailSink() keeps the last messages, and of long ones the beginning', async () => {
  await using folder = await createTempFolder('sink');
  await using sink = await open({ keptCount: 2, keptBytes: 2_000, folder: folder.join('out') });
  for (let count = 0; count < 3; count += 1) await send(sink.port, LETTER);
  await send(sink.port, { ...LETTER, text: 'x'.repeat(60_000) });
  expect(sink.messages.kept.map(({ number }) => number)).toEqual([3, 4]);
  const [, long] = sink.messages.kept;
  expect(long?.octets.length).toBe(2_000);
  expect(long?.sizeBytes).toBeGreaterThan(60_000);
  expect((await readdir(folder.join('out'))).toSorted()).toEqual(['000003.eml', '000004.eml']);
  expect(await readFile(folder.join('out', '000003.eml'), 'utf8')).toMatch(
    /^Return-Path: <anna@example\.org>\r\nDelivered-To: bob@far\.example\r\nFrom: /u,
  );
});
