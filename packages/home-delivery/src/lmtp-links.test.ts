/** Real TLS with client certificates; the worker is a script. */
import { parseMailbox, NO_MAIL_PARAMETERS, NO_RECIPIENT_PARAMETERS } from '@homeward/smtp/grammar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LmtpLink } from './lmtp-link.ts';
import type { BeganTransaction, LmtpLinks } from './lmtp-links.ts';
import { clientNameOf, doorOf, greet, takeMessage, TestDeployment } from './testing/lmtp-home.ts';

const FROM = { sender: parseMailbox('anna@example.org'), parameters: NO_MAIL_PARAMETERS };
const ANNA = parseMailbox('anna@example.org');
const MAIL = 'MAIL FROM:<anna@example.org>';

let deployment: TestDeployment;
beforeAll(async () => {
  deployment = await TestDeployment.create();
});
afterAll(() => deployment.remove());

function linkOf(began: BeganTransaction): LmtpLink {
  if (!began.ok) throw new Error(began.reply.lines.join(' '));
  return began.link;
}

async function deliver(link: LmtpLink): Promise<readonly number[]> {
  if (ANNA === undefined) throw new Error('no mailbox');
  await link.client.recipient(ANNA, NO_RECIPIENT_PARAMETERS);
  await link.startMessage();
  await link.write(Buffer.from('Subject: Hi\r\n\r\nHello.\r\n'));
  return (await link.endMessage()).map(({ code }) => code);
}

async function opened(): Promise<LmtpLinks & AsyncDisposable> {
  const links = deployment.openLinks();
  return Object.assign(links, { [Symbol.asyncDispose]: () => links.close() });
}

describe('LmtpLinks', () => {
  test('shows its certificate, delivers, and uses the connection again', async () => {
    const names: (string | undefined)[] = [];
    await using home = await deployment.startHome(async (peer) => {
      names.push(clientNameOf(peer));
      await greet(peer);
      for (const _ of [1, 2]) {
        const { envelope, content } = await takeMessage(peer);
        expect(envelope).toEqual([MAIL, 'RCPT TO:<anna@example.org>']);
        expect(content).toEqual(['Subject: Hi', '', 'Hello.']);
      }
      await peer.expectLine('QUIT');
      await peer.sendLine('221 2.0.0 bye');
    });
    const links = deployment.openLinks();
    for (const _ of [1, 2]) {
      const link = linkOf(await links.begin(doorOf(home), FROM));
      expect(await deliver(link)).toEqual([250]);
      link.release();
    }
    expect(links.idleCount).toBe(1);
    await links.close();
    await home.finished();
    expect(names).toEqual(['CN=frontend:fe1']);
  });

  test('dials anew with the certificate that was renewed, where the old connection has died', async () => {
    const names: (string | undefined)[] = [];
    await using home = await deployment.startHome(async (peer, number) => {
      names.push(clientNameOf(peer));
      await greet(peer);
      await peer.expectLine(MAIL);
      await peer.sendLine('250 2.1.0 fine');
      await peer.expectLine('RSET');
      await peer.sendLine('250 2.0.0 fine');
      // The first one leaves as servers do that see nobody use a connection.
      if (number === 1) await peer.sendLine('421 4.4.2 idle for too long');
      else await peer.hold();
    });
    await using links = await opened();
    for (const _ of [1, 2]) {
      const link = linkOf(await links.begin(doorOf(home), FROM));
      await link.client.reset();
      link.release();
      await deployment.renew('frontend:fe2');
    }
    expect(names).toEqual(['CN=frontend:fe1', 'CN=frontend:fe2']);
    await home.kill();
  });

  test('holds no more connections to a worker than it may, and makes others wait', async () => {
    await using home = await deployment.startHome(async (peer) => {
      await greet(peer);
      await peer.expectLine(MAIL);
      await peer.sendLine('250 2.1.0 fine');
      await peer.hold();
    });
    const links = deployment.openLinks({ perDoor: 2, waitMs: 60_000 });
    const first = linkOf(await links.begin(doorOf(home), FROM));
    linkOf(await links.begin(doorOf(home), FROM));
    const third = links.begin(doorOf(home), FROM);
    const gone = new AbortController();
    const fourth = links.begin(doorOf(home), FROM, gone.signal);
    gone.abort();
    expect(await fourth).toMatchObject({ ok: false, isAway: false, reply: { code: 451 } });
    expect(home.connectionCount).toBe(2);
    first.destroy();
    linkOf(await third);
    expect(home.connectionCount).toBe(3);
    await home.kill();
  });

  test('tells that nobody is there', async () => {
    const home = await deployment.startHome(() => Promise.resolve());
    await home.kill();
    await using links = await opened();
    expect(await links.begin(doorOf(home), FROM)).toMatchObject({
      ok: false,
      isAway: true,
      reply: { code: 451, enhanced: '4.4.1', lines: ['refused (ECONNREFUSED)'] },
    });
  });

  test('believes no server of another name', async () => {
    await using home = await deployment.startHome(() => Promise.resolve());
    await using links = await opened();
    const began = await links.begin({ ...doorOf(home), serverName: 'oslo.sites.test' }, FROM);
    expect(began).toMatchObject({ ok: false, isAway: true, reply: { code: 451 } });
    await home.kill();
  });

  test('passes on why MAIL was refused, and keeps the connection', async () => {
    await using home = await deployment.startHome(async (peer) => {
      await greet(peer);
      await peer.expectLine(MAIL);
      await peer.sendLine('552 5.3.4 too big');
      await peer.hold();
    });
    const links = deployment.openLinks();
    expect(await links.begin(doorOf(home), FROM)).toMatchObject({
      ok: false,
      isAway: false,
      reply: { code: 552, enhanced: '5.3.4' },
    });
    expect(links.idleCount).toBe(1);
    await home.kill();
    await links.close();
  });

  test('gives up a server that takes nothing of a message', async () => {
    await using home = await deployment.startHome(async (peer) => {
      await greet(peer);
      for (const line of [MAIL, 'RCPT TO:<anna@example.org>']) {
        await peer.expectLine(line);
        await peer.sendLine('250 2.1.0 fine');
      }
      await peer.expectLine('DATA');
      await peer.sendLine('354 go on');
      await peer.hold();
    });
    const links = deployment.openLinks({ limits: { stallMs: 50 } });
    const link = linkOf(await links.begin(doorOf(home), FROM));
    if (ANNA !== undefined) await link.client.recipient(ANNA, NO_RECIPIENT_PARAMETERS);
    await link.startMessage();
    const piece = Buffer.alloc(65_536, 'x');
    while (link.client.lost === undefined) await link.write(piece);
    expect(await link.endMessage()).toMatchObject([{ code: 451, isLost: true }]);
    link.release();
    expect(links.idleCount).toBe(0);
    await home.kill();
  });
});
