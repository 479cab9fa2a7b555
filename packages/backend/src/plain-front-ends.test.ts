/** Front ends that come without TLS, on a closed network: tickets are good for once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestSite, type TestSite } from './testing/test-site.ts';

let site: TestSite;
beforeAll(async () => {
  site = await openTestSite({ plainFrontEnds: true });
});
afterAll(() => site[Symbol.asyncDispose]());

describe('a plain port for front ends', () => {
  it('takes a ticket, and never the same again', async () => {
    const account = await site.addAccount();
    await using first = await site.connect('imap');
    const ticket = site.sign(account, first, { cnf: undefined });
    expect(await site.authenticate(first, ticket)).toMatch(/^t OK \[CAPABILITY /);
    await using second = await site.connect('imap');
    expect(await site.authenticate(second, ticket)).toMatch(/^t NO/);
    expect(site.log).toContainEqual(expect.objectContaining({ reason: 'ticket-replayed' }));
  });

  it('takes no ticket of a TLS connection', async () => {
    const account = await site.addAccount();
    await using bound = await site.connect('imaps');
    await using plain = await site.connect('imap');
    expect(await site.authenticate(plain, site.sign(account, bound))).toMatch(/^t NO/);
    expect(site.log).toContainEqual(expect.objectContaining({ reason: 'ticket-wrong-connection' }));
  });

  it('takes no password', async () => {
    await site.addAccount();
    await using client = await site.connect('imap');
    expect((await client.command('LOGIN person1@example.test x')).status).not.toBe('OK');
  });
});
