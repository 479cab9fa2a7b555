import { describe, expect, it } from 'vitest';
import { ConnectionLostError } from '../../output/connection-lost-error.ts';
import { startFakeImapServer } from '../../testing/fake-imap-server.ts';
import { ImapLink } from './imap-link.ts';
import { parseSourceUrl } from './source-address.ts';

describe('ImapLink explain()', () => {
  it('knows a lost connection by the call that failed, before the client says so', async () => {
    await using server = await startFakeImapServer({ folders: { INBOX: { messages: [] } } });
    const link = new ImapLink({
      address: parseSourceUrl(server.url),
      user: 'anna',
      secret: async () => ({ password: 'secret' }),
      caFile: undefined,
      serverName: undefined,
      acceptsAnyCertificate: false,
      isWithoutTls: true,
    });
    await link.open();
    const explain = (code: string): Error =>
      link.explain(Object.assign(new Error('no'), { code }), 'folder INBOX');
    expect(link.client.usable).toBe(true);
    for (const code of ['NoConnection', 'EConnectionClosed', 'StateLogout', 'ETHROTTLE']) {
      expect(explain(code)).toBeInstanceOf(ConnectionLostError);
    }
    expect(explain('MailboxGone')).not.toBeInstanceOf(ConnectionLostError);
    await link.close();
  });
});
