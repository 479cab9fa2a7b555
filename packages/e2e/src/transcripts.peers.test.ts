/**
 * The transcripts of IMAP sessions against Dovecot: what we expect of our server is what the
 * world's most used one does. A transcript in which a line begins with "# Dovecot:" says there
 * where Dovecot differs; it must differ then, so that the remark does not outlive its reason.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { connectRaw, runTranscript, startDovecot, type TestDovecot } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = new URL('../../imap/fixtures/transcripts/', import.meta.url);
const transcripts = readdirSync(folder)
  .filter((name) => name.endsWith('.transcript'))
  .map((name) => {
    const text = readFileSync(new URL(name, folder), 'latin1');
    return { name, text, difference: /^# Dovecot: (.*)$/m.exec(text)?.[1] };
  });

let dovecot: TestDovecot;
beforeAll(async () => {
  dovecot = await startDovecot({ layout: 'fs' });
});
afterAll(() => dovecot?.stop());

async function follow(name: string, text: string): Promise<void> {
  await using clients = new AsyncDisposableStack();
  await runTranscript(name, text, {
    connect: async () => {
      const client = clients.use(await connectRaw({ port: dovecot.imapPort }));
      await client.readLine();
      await client.expectOk(`LOGIN ${name.replaceAll('.', '-')} ${dovecot.password}`);
      return { send: (line) => client.send(line), readLine: () => client.readLine() };
    },
  });
}

describe('Dovecot', () => {
  it.each(transcripts.filter(({ difference }) => difference === undefined))(
    'follows $name',
    ({ name, text }) => follow(name, text),
  );

  it.each(transcripts.filter(({ difference }) => difference !== undefined))(
    'differs from $name: $difference',
    async ({ name, text }) => {
      await expect(follow(name, text)).rejects.toThrow(name);
    },
  );
});
