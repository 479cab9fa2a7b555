/**
 * How sessions end at homes that cannot be asked, over real sockets. A witness that has nothing
 * under way is ended by the same order; it was silent for a shorter time than the session that is
 * looked at, so whoever ends by silence alone would have ended that one before.
 */
import type { PeerScript, RawClient, ScriptedPeer } from '@homeward/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  takePop3Login,
  takeSmtpLogin,
  type FrontEndWorld,
  type WorldCertificates,
} from '../testing/front-end-world.ts';

const BYE = /^\* BYE An administrator has ended this session \(ref [0-9A-Z]{12}\)$/;

let certificates: WorldCertificates;
let world: FrontEndWorld;
let goOn: PromiseWithResolvers<void>;
/** What the home does behind the login. */
let play: (peer: ScriptedPeer) => Promise<void>;

beforeAll(async () => {
  certificates = await createWorldCertificates();
});
beforeEach(() => {
  goOn = Promise.withResolvers();
});
afterEach(async () => {
  goOn.resolve();
  await world[Symbol.asyncDispose]();
});

async function open(home: PeerScript, commandSeconds = 30): Promise<void> {
  const settings = { draining: { commandSeconds } };
  world = await openFrontEndWorld({ certificates, home, config: settings });
}

async function orderEnd(): Promise<void> {
  await world.directory.operations.putSessionEnd({
    id: 'k1',
    requestedBy: 'root@here',
    requestedAtMs: Date.now(),
  });
}

describe('an IMAP session', () => {
  const home: PeerScript = async (peer) => {
    const { tag } = await takeImapLogin(peer);
    await peer.sendLine(`${tag} OK hello`);
    const command = await peer.readLine();
    if (command === 'w NOOP') await peer.sendLine('w OK');
    else await play(peer);
    await peer.hold();
  };

  async function logIn(): Promise<RawClient> {
    const client = await world.connect('imaps');
    await client.readLine();
    await client.expectOk(`LOGIN anna@example.net "${PASSWORD}"`);
    return client;
  }

  /** Ends all sessions, and waits until the witness has gone. */
  async function endWitness(): Promise<void> {
    await using witness = await logIn();
    await witness.sendLine('w NOOP');
    await witness.expectLine('w OK');
    await orderEnd();
    await witness.expectLine(BYE);
    await witness.expectEnd();
  }

  it('ends behind a message that stops between two lines', async () => {
    play = async (peer) => {
      await peer.send('* 1 FETCH (BODY[] {60}\r\nSubject: x\r\n\r\n');
      await goOn.promise;
      await peer.send(`${'y'.repeat(46)})\r\nf OK done\r\n`);
    };
    await open(home);
    await using client = await logIn();
    await client.sendLine('f FETCH 1 BODY[]');
    await client.expectLine('* 1 FETCH (BODY[] {60}');
    await client.expectLine('Subject: x');
    await client.expectLine('');
    await endWitness();
    goOn.resolve();
    await client.expectLine(`${'y'.repeat(46)})`);
    await client.expectLine('f OK done');
    await client.expectLine(BYE);
    expect(await client.expectEnd()).toBe('ended');
  });

  it('ends behind an APPEND whose client is slow', async () => {
    play = async (peer) => {
      await peer.sendLine('+ go');
      expect((await peer.readOctets(100)).toString()).toBe('m'.repeat(100));
      await peer.expectLine('');
      await peer.sendLine('p OK appended');
    };
    await open(home);
    await using client = await logIn();
    await client.sendLine('p APPEND INBOX {100}');
    await client.expectLine('+ go');
    await endWitness();
    await client.send(`${'m'.repeat(100)}\r\n`);
    await client.expectLine('p OK appended');
    await client.expectLine(BYE);
    expect(await client.expectEnd()).toBe('ended');
  });

  it('ends when each of two commands has its answer', async () => {
    play = async (peer) => {
      await peer.expectLine('b SEARCH x');
      await peer.sendLine('a OK');
      await goOn.promise;
      await peer.sendLine('b OK');
    };
    await open(home);
    await using client = await logIn();
    await client.send('a NOOP\r\nb SEARCH x\r\n');
    await client.expectLine('a OK');
    await endWitness();
    goOn.resolve();
    await client.expectLine('b OK');
    await client.expectLine(BYE);
  });

  it('ends when what came with its login has its answer', async () => {
    play = async (peer) => {
      await peer.sendLine('b OK');
      await goOn.promise;
      await peer.expectLine('c NOOP');
      await peer.sendLine('c OK');
    };
    await open(home);
    await using client = await world.connect('imaps');
    await client.readLine();
    await client.send(`a LOGIN anna@example.net "${PASSWORD}"\r\nb NOOP\r\nc NOOP\r\n`);
    await client.expectLine(/^a OK/);
    await client.expectLine('b OK');
    await endWitness();
    goOn.resolve();
    await client.expectLine('c OK');
    await client.expectLine(BYE);
  });

  it('ends in IDLE', async () => {
    play = (peer) => peer.send('+ idling\r\n* 5 EXISTS\r\n');
    await open(home);
    await using client = await logIn();
    await client.sendLine('i IDLE');
    await client.expectLine('+ idling');
    await client.expectLine('* 5 EXISTS');
    await orderEnd();
    await client.expectLine(BYE);
    expect(await client.expectEnd()).toBe('ended');
  });

  it('that stays in a message ends without a word, at the limit', async () => {
    play = (peer) => peer.send('* 1 FETCH (BODY[] {60}\r\nSubject: x\r\n\r\n');
    await open(home, 1);
    await using client = await logIn();
    await client.sendLine('f FETCH 1 BODY[]');
    await client.expectLine('* 1 FETCH (BODY[] {60}');
    await orderEnd();
    const { octets, end } = await client.readToEnd();
    expect([octets.toString(), end]).toEqual(['Subject: x\r\n\r\n', 'ended']);
    await expect.poll(() => world.log.events.at(-1)?.fields['endedBy']).toBe('kicked');
  });
});

describe('a POP3 session', () => {
  it('ends behind a message that stops between two lines', async () => {
    await open(async (peer) => {
      await takePop3Login(peer);
      await peer.sendLine('+OK hello');
      const isWitness = (await peer.readLine()) === 'NOOP';
      await peer.sendLine('+OK');
      if (!isWitness) {
        await peer.sendLine('+OK is what it says');
        await goOn.promise;
        await peer.send('and more\r\n.\r\n');
      }
      await peer.hold();
    });
    await using client = await logIn();
    await client.sendLine('RETR 1');
    await client.expectLine('+OK');
    await client.expectLine('+OK is what it says');
    await using witness = await logIn();
    await witness.sendLine('NOOP');
    await witness.expectLine('+OK');
    await orderEnd();
    await witness.expectLine(/^-ERR \[SYS\/TEMP\] An administrator has ended this session/);
    goOn.resolve();
    await client.expectLine('and more');
    await client.expectLine('.');
    await client.expectLine(/^-ERR \[SYS\/TEMP\] An administrator has ended this session/);
  });

  async function logIn(): Promise<RawClient> {
    const client = await world.connect('pop3s');
    await client.readLine();
    await client.sendLine('USER anna@example.net');
    await client.expectLine(/^\+OK/);
    await client.sendLine(`PASS ${PASSWORD}`);
    await client.expectLine(/^\+OK/);
    return client;
  }
});

describe('a submission session', () => {
  it('ends when each of three commands has its answer, and the message as well', async () => {
    await open(async (peer) => {
      await takeSmtpLogin(peer);
      await peer.sendLine('235 2.7.0 hello');
      if ((await peer.readLine()) === 'NOOP') {
        await peer.sendLine('250 2.0.0 witness');
        return peer.hold();
      }
      await peer.send('250 2.1.0 from\r\n250 2.1.5 to\r\n');
      await goOn.promise;
      await peer.sendLine('354 go on');
      await peer.expectLine('RCPT TO:<c@d>');
      await peer.expectLine('DATA');
      await peer.expectLine('hello');
      await peer.expectLine('.');
      await peer.sendLine('250 2.0.0 accepted');
      return peer.hold();
    });
    await using client = await logIn();
    await client.send('MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n');
    await client.expectLine('250 2.1.0 from');
    await client.expectLine('250 2.1.5 to');
    await using witness = await logIn();
    await witness.sendLine('NOOP');
    await witness.expectLine('250 2.0.0 witness');
    await orderEnd();
    await witness.expectLine(/^421 4\.3\.2 An administrator has ended this session/);
    goOn.resolve();
    await client.expectLine('354 go on');
    await client.send('hello\r\n.\r\n');
    await client.expectLine('250 2.0.0 accepted');
    await client.expectLine(/^421 4\.3\.2 An administrator has ended this session/);
  });

  async function logIn(): Promise<RawClient> {
    const client = await world.connect('submissions');
    await client.readLine();
    await client.sendLine('EHLO phone.example');
    while (!(await client.readLine()).startsWith('250 '));
    const response = Buffer.from(`\0anna@example.net\0${PASSWORD}`).toString('base64');
    await client.sendLine(`AUTH PLAIN ${response}`);
    await client.expectLine(/^235/);
    return client;
  }
});
