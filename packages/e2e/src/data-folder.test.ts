/** `homeward demo --data`: what was there is there the next time. */
import { createTempFolder } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { startDemo } from './demo/demo.ts';

describe('homeward demo --data', () => {
  it('keeps accounts, mail, UIDs and UIDVALIDITY', { timeout: 60_000 }, async () => {
    await using folder = await createTempFolder('data');
    const options = { accountCount: 2, dataFolder: folder.join('demo') };
    const octets = 'Subject: kept\r\n\r\nThis stays.\r\n';
    const before = await startDemo(options);
    let appended: string;
    try {
      await using client = await before.openImap(before.facts.users[1]!);
      appended = (await client.expectOk(`APPEND INBOX {${octets.length}+}\r\n${octets}`)).text;
    } finally {
      await before.stop();
    }
    const [, uidValidity = '', uid = ''] = /\[APPENDUID (\d+) (\d+)\]/.exec(appended) ?? [];
    await using after = await startDemo(options);
    expect(after.facts.users.map(({ name, password }) => [name, password])).toEqual(
      before.facts.users.map(({ name, password }) => [name, password]),
    );
    await using client = await after.openImap(after.facts.users[1]!);
    const { untagged } = await client.expectOk('SELECT INBOX');
    expect(untagged.join('\n')).toContain(`[UIDVALIDITY ${uidValidity}]`);
    const fetched = await client.expectOk(`UID FETCH ${uid} BODY.PEEK[]`);
    expect(fetched.untagged[0]).toContain(octets);
  });
});
