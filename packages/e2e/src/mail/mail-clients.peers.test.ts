/** Debian's swaks and msmtp submit through the front end, by both ports. */
import { runMsmtp, runSwaks } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, SITES, startDemo } from '../demo/demo.ts';
import { awaitMessage } from './read-inbox.ts';
import { awaitOutside } from './read-sink.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 8 });
});
afterAll(() => demo?.stop());

describe.each(SITES)('from %s', (site) => {
  it('swaks sends by STARTTLS', async () => {
    const author = demo.takeUser(site);
    const reader = demo.takeUser('oslo');
    const { host, ports } = demo.facts;
    const { code, dialogue } = await runSwaks(
      ...['--server', host, '--port', String(ports.submission), '--tls', '--auth', 'PLAIN'],
      ...['--auth-user', author.name, '--auth-password', author.password],
      ...['--from', author.name, '--to', `${reader.name},friend@far.example`],
      ...['--header', `Subject: swaks from ${site}`],
    );
    expect({ code, dialogue }).toMatchObject({ code: 0 });
    expect(dialogue).toMatch(/^<~ {2}235 /mu);
    await awaitMessage(demo, reader, `swaks from ${site}`);
    await awaitOutside(demo, `swaks from ${site}`);
  });

  it('msmtp sends by TLS, and believes the certificate', async () => {
    const author = demo.takeUser(site);
    const { serverName, host, ports, caFile } = demo.facts;
    const message = `From: ${author.name}\nTo: friend@far.example\nSubject: msmtp from ${site}\n\nHi\n`;
    const sent = await runMsmtp(
      message,
      ...[`--host=${host}`, `--port=${ports.submissions}`, '--tls=on', '--tls-starttls=off'],
      ...[`--tls-trust-file=${caFile}`, `--tls-host-override=${serverName}`],
      ...['--auth=plain', `--user=${author.name}`],
      ...[`--passwordeval=echo '${author.password}'`, `--from=${author.name}`, '--read-recipients'],
    );
    expect(sent).toEqual({ code: 0, output: '' });
    await awaitOutside(demo, `msmtp from ${site}`);
  });
});
