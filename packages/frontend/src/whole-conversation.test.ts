/** Whole conversations over real sockets and TLS: what the client and the home each see. */
import type { TicketVerdict } from '@homeward/ticket';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  takePop3Login,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

const LOGIN = `LOGIN anna@example.net "${PASSWORD}"`;

describe('an IMAP conversation', () => {
  it('reaches its home with a ticket for this connection, and is spliced', async () => {
    const verdicts: unknown[] = [];
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag, ticket } = await takeImapLogin(peer);
        verdicts.push(world.verifyTicket(peer, ticket));
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1 X-HOME] hello`);
        await peer.expectLine('T2 NOOP');
        await peer.sendLine('* 3 EXISTS');
        await peer.sendLine('T2 OK done');
        await peer.expectLine('T3 LOGOUT');
        await peer.sendLine('* BYE bye');
        await peer.sendLine('T3 OK done');
      },
    });
    await using client = await world.connect('imaps');
    const [, conversationId] = await client.expectLine(
      /^\* OK \[CAPABILITY IMAP4rev1 .*\] The Homeward IMAP4 service is ready\. \(ref ([0-9A-Z]{12})\)$/,
    );
    const login = await client.expectOk(LOGIN);
    expect(login.text).toContain('[CAPABILITY IMAP4rev1 X-HOME]');
    expect((await client.expectOk('NOOP')).untagged).toEqual(['* 3 EXISTS']);
    await client.expectOk('LOGOUT');
    expect(await client.expectEnd()).toBe('ended');
    await world.home.finished();
    expect(verdicts).toMatchObject([
      {
        ok: true,
        claims: {
          aud: 'dublin',
          proto: 'imap',
          login: 'anna@example.net',
          client: { address: '127.0.0.1', port: client.localPort, tls: { version: 'TLSv1.3' } },
        },
      },
    ]);
    await expectQuiet(world);
    for (const event of ['login.accepted', 'conversation.ended']) {
      expect(world.log.events).toContainEqual(
        expect.objectContaining({ event, fields: expect.objectContaining({ conversationId }) }),
      );
    }
    for (const phase of ['tls', 'look-up', 'secret', 'connect', 'claim', 'inner-login']) {
      const series = `homeward_frontend_login_phase_duration_seconds_count{protocol="imap",phase="${phase}"}`;
      expect(await world.count(series), phase).toBe(1);
    }
    expect(world.log.events).toMatchObject([
      {
        event: 'login.accepted',
        fields: {
          loginName: 'anna@example.net',
          method: 'LOGIN',
          clientAddress: '127.0.0.1',
          tls: 'TLSv1.3',
          cipher: expect.stringMatching(/^TLS_/),
          site: 'dublin',
          lookUpMs: expect.any(Number),
          secretMs: expect.any(Number),
          connectMs: expect.any(Number),
          innerLoginMs: expect.any(Number),
        },
      },
      {
        event: 'conversation.ended',
        fields: { account: 'anna@example.net', site: 'dublin', endedBy: 'home', clientOctets: 20 },
      },
    ]);
  });

  it('is told nothing of a move: the directory is asked again, and the login goes there', async () => {
    const epochs: unknown[] = [];
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag, ticket } = await takeImapLogin(peer);
        const verdict = world.verifyTicket(peer, ticket);
        epochs.push(verdict.ok && verdict.claims.epoch);
        if (epochs.length > 1) return peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
        const anna = await world.accounts.find('anna@example.net');
        if (anna === undefined) throw new Error('nobody is there');
        await world.directory.replaceAccount({ ...anna, epoch: 2 }, anna.version);
        return peer.sendLine(`${tag} NO [UNAVAILABLE] The account has moved`);
      },
    });
    await using client = await world.connect('imaps');
    await client.readLine();
    await client.expectOk(LOGIN);
    expect(epochs).toEqual([1, 2]);
    await world.home.finished();
  });

  it('upgrades by STARTTLS, forgets what was injected before it, and logs in', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
        await peer.expectLine('x1 SELECT INBOX');
        await peer.sendLine('x1 OK done');
      },
    });
    await using client = await world.connectPlain('imap');
    await client.expectLine(/LOGINDISABLED/);
    expect((await client.command(LOGIN)).text).toContain('PRIVACYREQUIRED');
    await client.send('s1 STARTTLS\r\ni1 LOGIN mallory "x"\r\ni2 NOOP\r\n');
    await client.expectLine(/^s1 OK/);
    await client.startTls(world.clientTls);
    await client.send(`c1 CAPABILITY\r\n`);
    await client.expectLine(/^\* CAPABILITY .*AUTH=PLAIN/);
    await client.expectLine(/^c1 OK/);
    await client.send(`${`l1 ${LOGIN}`}\r\nx1 SELECT INBOX\r\n`);
    await client.expectLine(/^l1 OK/);
    await client.expectLine('x1 OK done');
    await world.home.finished();
  });

  it('passes on early octets of both sides in order, whatever their pieces', async () => {
    const early = 'e1 NOOP\r\ne2 NOOP\r\ne3 APPEND INBOX {5+}\r\nhello\r\n';
    const received: string[] = [];
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        await peer.send(`${tag} OK [CAPABILITY IMAP4rev1] hello\r\n* early from home\r\n`);
        received.push((await peer.readOctets(early.length)).toString('latin1'));
        await peer.sendLine('e3 OK done');
      },
    });
    await using client = await world.connect('imaps');
    await client.readLine();
    const text = `a1 ${LOGIN}\r\n${early}`;
    await client.sendPieces([text.slice(0, 10), text.slice(10, 60), text.slice(60)]);
    await client.expectLine(/^a1 OK/);
    await client.expectLine('* early from home');
    await client.expectLine('e3 OK done');
    expect(received).toEqual([early]);
    await world.home.finished();
  });

  it('takes PLAIN with an initial response, and literals', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
      },
    });
    const plain = Buffer.from(`\0anna@example.net\0${PASSWORD}`).toString('base64');
    await using one = await world.connect('imaps');
    await one.readLine();
    await one.expectOk(`AUTHENTICATE PLAIN ${plain}`);
    await using other = await world.connect('imaps');
    await other.readLine();
    await other.sendLine(`a LOGIN {16}`);
    await other.expectLine(/^\+/);
    await other.sendLine(`anna@example.net {${PASSWORD.length}+}\r\n${PASSWORD}`);
    await other.expectLine(/^a OK/);
    await world.home.finished();
  });

  it('carries megabytes both ways unchanged', async () => {
    const block = Buffer.alloc(3_000_000, 'From octet to octet.\r\n');
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
        await peer.send(await peer.readOctets(block.length));
      },
    });
    await using client = await world.connect('imaps');
    await client.readLine();
    await client.expectOk(LOGIN);
    const sent = client.send(block);
    const echoed = await client.readOctets(block.length);
    await sent;
    expect(echoed.equals(block)).toBe(true);
    await world.home.finished();
  });
});

describe('a delegate’s conversation', () => {
  const plain = (actAs: string, name: string): string =>
    Buffer.from(`${actAs}\0${name}\0${PASSWORD}`).toString('base64');

  /** The shop's mailbox, of which anna is a delegate. */
  async function addShop(world: FrontEndWorld, right = 'full'): Promise<string> {
    await world.accounts.change('anna@example.net', { names: ['anna', 'CORP\\anna'] });
    const names = ['shop', 'CORP\\shop'];
    await world.accounts.add({
      address: 'shop@example.net',
      site: 'dublin',
      kind: 'shared',
      names,
    });
    const outcome = await world.accounts.setDelegate('shop', 'anna', [right]);
    if (!outcome.ok) throw new Error('the shop cannot be shared');
    return outcome.account.id;
  }

  it.each<[string, string, 'full' | 'read']>([
    ['DOMAIN/user/alias', `LOGIN CORP/anna/shop "${PASSWORD}"`, 'full'],
    ['UPN/address', `LOGIN anna@example.net/shop@example.net "${PASSWORD}"`, 'full'],
    ['authorization identity', `AUTHENTICATE PLAIN ${plain('CORP/shop', 'anna')}`, 'full'],
    ['the same, for reading', `AUTHENTICATE PLAIN ${plain('shop', 'anna')}`, 'read'],
  ])('reaches the mailbox by %s', async (_form, command, right) => {
    const verdicts: TicketVerdict[] = [];
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag, ticket } = await takeImapLogin(peer);
        verdicts.push(world.verifyTicket(peer, ticket));
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
      },
    });
    const shopId = await addShop(world, right);
    const anna = await world.accounts.find('anna');
    await using client = await world.connect('imaps');
    await client.readLine();
    await client.expectOk(command);
    await world.home.finished();
    const access = right === 'read' ? 'read' : undefined;
    expect(verdicts).toMatchObject([{ claims: { sub: shopId, act: anna?.id, access } }]);
    client.end();
    await expectQuiet(world);
    const fields = { account: 'shop@example.net', accountId: shopId, delegateId: anna?.id };
    expect(world.log.events).toMatchObject([
      { event: 'login.accepted', fields: { delegateId: anna?.id } },
      { event: 'conversation.ended', fields },
    ]);
  });

  it.each<[string, readonly string[]]>([
    ['USER and PASS', ['USER anna@example.net\\shop', `PASS ${PASSWORD}`]],
    ['AUTH PLAIN', [`AUTH PLAIN ${plain('shop', 'anna')}`]],
  ])('reaches the maildrop by %s', async (_way, lines) => {
    const verdicts: TicketVerdict[] = [];
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        verdicts.push(world.verifyTicket(peer, await takePop3Login(peer), 'pop3'));
        await peer.sendLine('+OK hello');
      },
    });
    const shopId = await addShop(world);
    await using client = await world.connect('pop3s');
    await client.readLine();
    for (const line of lines) {
      await client.sendLine(line);
      await client.expectLine(/^\+OK/);
    }
    await world.home.finished();
    expect(verdicts).toMatchObject([{ claims: { sub: shopId, proto: 'pop3' } }]);
  });

  it('that may not be is refused in the words of a wrong password, whatever the reason', async () => {
    await using world = await openFrontEndWorld({ certificates });
    await addShop(world, 'send-as');
    for (const [name, kind, isEnabled] of [
      ['desk', 'shared', false],
      ['guest', 'guest', true],
      ['root', 'administrator', true],
      ['berta', 'user', true],
    ] as const) {
      const address = `${name}@example.net`;
      await world.accounts.add({ address, site: 'dublin', kind, isEnabled, names: [name] });
    }
    await world.accounts.setDelegate('desk', 'anna', ['full']);
    const words = new Set<string>();
    const names = ['nobody', 'shop', 'desk', 'guest', 'root', 'berta'];
    const attempts = [`LOGIN anna wrong`, `LOGIN anna@example.net/shop wrong`];
    attempts.push(...names.map((name) => `AUTHENTICATE PLAIN ${plain(name, 'anna')}`));
    attempts.push(...names.map((name) => `LOGIN anna@example.net/${name} "${PASSWORD}"`));
    for (const attempt of attempts) {
      await using client = await world.connect('imaps');
      await client.readLine();
      const { text } = await client.command(attempt);
      words.add(text.replace(/\(ref [0-9A-Z]+\)/, '(ref)'));
    }
    expect([...words]).toEqual([expect.stringMatching(/^NO \[AUTHENTICATIONFAILED\]/)]);
    const details = new Set(world.log.events.map(({ fields }) => fields['detail']));
    expect(details).toContain('no-such-mailbox');
    expect(details).toContain('not-a-delegate');
    expect(details).toContain('mailbox-account-disabled');
  });

  it('ends its right at once where the directory says so', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
      },
    });
    await addShop(world);
    const command = `AUTHENTICATE PLAIN ${plain('shop', 'anna')}`;
    await using first = await world.connect('imaps');
    await first.readLine();
    await first.expectOk(command);
    await world.accounts.setDelegate('shop', 'anna', []);
    await expect
      .poll(async () => {
        await using client = await world.connect('imaps');
        await client.readLine();
        return (await client.command(command)).status;
      })
      .toBe('NO');
  });
});

describe('a POP3 conversation', () => {
  it('reaches its home with USER and PASS, and is spliced', async () => {
    const verdicts: unknown[] = [];
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        const ticket = await takePop3Login(peer);
        verdicts.push(world.verifyTicket(peer, ticket, 'pop3'));
        await peer.sendLine('+OK hello');
        await peer.expectLine('STAT');
        await peer.sendLine('+OK 2 320');
        await peer.expectLine('QUIT');
        await peer.sendLine('+OK bye');
      },
    });
    await using client = await world.connect('pop3s');
    await client.expectLine(/^\+OK The Homeward POP3 service is ready\. \(ref [0-9A-Z]{12}\)$/);
    await client.sendLine('USER anna@example.net');
    await client.expectLine(/^\+OK/);
    await client.send(`PASS ${PASSWORD}\r\nSTAT\r\n`);
    await client.expectLine(/^\+OK/);
    await client.expectLine('+OK 2 320');
    await client.sendLine('QUIT');
    await client.expectLine('+OK bye');
    expect(await client.expectEnd()).toBe('ended');
    await world.home.finished();
    expect(verdicts).toMatchObject([{ ok: true, claims: { proto: 'pop3' } }]);
    await expectQuiet(world);
  });

  it('repeats at the home what the client chose before it logged in', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        await peer.sendLine('+OK home');
        await peer.expectLine('UTF8');
        await peer.expectLine('LANG de');
        await peer.expectLine(/^AUTH OAUTHBEARER \S+$/);
        await peer.send('+OK\r\n+OK de Texte\r\n+OK Angemeldet\r\n');
        await peer.expectLine('NOOP');
        await peer.sendLine('+OK Nichts getan');
      },
    });
    await using client = await world.connect('pop3s');
    await client.readLine();
    await client.send('UTF8\r\nLANG de\r\n');
    await client.expectLine('+OK UTF-8 is on');
    await client.expectLine(/^\+OK de /);
    await client.send(`USER anna@example.net\r\nPASS ${PASSWORD}\r\nNOOP\r\n`);
    await client.expectLine('+OK Senden Sie PASS');
    await client.expectLine('+OK Angemeldet');
    await client.expectLine('+OK Nichts getan');
    await world.home.finished();
  });

  it('upgrades by STLS and has no USER before it', async () => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        await takePop3Login(peer);
        await peer.sendLine('+OK hello');
      },
    });
    await using client = await world.connectPlain('pop3');
    await client.readLine();
    await client.sendLine('USER anna@example.net');
    await client.expectLine(/^-ERR/);
    await client.send('STLS\r\nUSER mallory\r\n');
    await client.expectLine(/^\+OK/);
    await client.startTls(world.clientTls);
    await client.sendLine('USER anna@example.net');
    await client.expectLine(/^\+OK/);
    await client.sendLine(`PASS ${PASSWORD}`);
    await client.expectLine(/^\+OK/);
    await world.home.finished();
  });

  it.each([
    ['-ERR [IN-USE] locked', /^-ERR \[IN-USE\] The maildrop is in use/],
    ['-ERR [LOGIN-DELAY] wait', /^-ERR \[LOGIN-DELAY\] .*a moment ago/],
    ['-ERR [SYS/TEMP] not now', /^-ERR \[SYS\/TEMP\] /],
    // Whatever a home says of credentials speaks of the ticket, not of the person's password.
    ['-ERR [AUTH] bad ticket', /^-ERR \[SYS\/TEMP\] /],
    ['-ERR no', /^-ERR \[SYS\/TEMP\] /],
  ])('passes on what its home says: %s', async (refusal, answer) => {
    await using world = await openFrontEndWorld({
      certificates,
      async home(peer) {
        await takePop3Login(peer);
        await peer.sendLine(refusal);
        await peer.expectEnd();
      },
    });
    await using client = await world.connect('pop3s');
    await client.readLine();
    await client.sendLine('USER anna@example.net');
    await client.readLine();
    await client.sendLine(`PASS ${PASSWORD}`);
    await client.expectLine(answer);
  });
});

/** Nothing is left of the conversations. */
async function expectQuiet(world: Awaited<ReturnType<typeof openFrontEndWorld>>): Promise<void> {
  await expect.poll(() => world.worker.conversationCount).toBe(0);
  for (const protocol of ['imap', 'pop3']) {
    expect(await world.count(`homeward_frontend_connections{protocol="${protocol}"}`)).toBe(0);
  }
}
