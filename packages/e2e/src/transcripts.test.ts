/** The transcripts of IMAP sessions, through the front end: what holds in memory holds here. */
import { readFileSync, readdirSync } from 'node:fs';
import { runTranscript } from '@homeward/testkit';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';

const folder = new URL('../../imap/fixtures/transcripts/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.transcript'));

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: names.length * 2 });
});
afterAll(() => demo?.stop());

describe('IMAP through the front end', () => {
  it.each(names)('follows %s', async (name) => {
    const user = demo.takeUser();
    await using clients = new AsyncDisposableStack();
    await runTranscript(name, readFileSync(new URL(name, folder), 'latin1'), {
      connect: async () => {
        const client = clients.use(await demo.openImap(user));
        return { send: (text) => client.send(text), readLine: () => client.readLine() };
      },
    });
  });
});
