/** A real HAProxy before a site that people log in to, beside front ends at the same port. */
import { createPasswordService } from '@homeward/directory';
import { connectRaw, startHaproxy } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { openTestSite } from '../testing/test-site.ts';

const PASSWORD = 'correct horse';

it('HAProxy that passes TLS through has people logged in under their own address, and front ends come past it', async () => {
  const argon2 = { memoryKib: 1_024, passCount: 1, parallelism: 1 };
  const passwords = createPasswordService({ argon2, scramIterationCount: 4_096 });
  const made = await passwords.createCredentialSet(PASSWORD);
  await passwords.close();
  if (!made.ok) throw new Error(made.reason);
  const trustedNetworks = ['127.0.0.0/8'];
  const proxyProtocol = { mode: 'optional', trustedNetworks, headerLimitSeconds: 3 } as const;
  const imaps = { host: '127.0.0.1', port: 0, proxyProtocol };
  const pop3s = { host: '127.0.0.1', port: 0 };
  await using site = await openTestSite({
    directLogin: true,
    changes: { workers: [{ imaps, pop3s }] },
  });
  const account = await site.addAccount({}, made.credentials);
  await using haproxy = await startHaproxy(
    (bind) => `
listen imaps
  bind ${bind('imaps')}
  server site 127.0.0.1:${site.port('imaps')} send-proxy-v2 check check-send-proxy inter 100
`,
  );
  await using client = await connectRaw({ port: haproxy.portOf('imaps'), tls: site.clientTls });
  await client.readLine();
  await client.expectOk(`LOGIN ${account.address} "${PASSWORD}"`);
  expect(site.log).toContainEqual(
    expect.objectContaining({
      event: 'session.started',
      clientAddress: '127.0.0.1',
      via: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    }),
  );
  await using ticket = await site.openImap(account);
  await ticket.expectOk('NOOP');
  // Its checks are nobody's that was turned away.
  await expect.poll(() => site.log.map(({ event }) => event)).toContain('connection.left');
  expect(site.log.map(({ event }) => event)).not.toContain('connection.refused');
});
