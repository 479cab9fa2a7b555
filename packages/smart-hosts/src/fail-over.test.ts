/** Which host gets a message when one fails, what is never sent twice, and who has to be trusted. */
import {
  createTestCertificate,
  createTempFolder,
  type PeerScript,
  startScriptedServer,
} from '@homeward/testkit';
import { createHash, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SmartHostSettings } from './relay-settings.ts';
import {
  greet,
  greetByStartTls,
  hostAt,
  offer,
  openTransport,
  relaySettings,
  request,
  takeContent,
  takeEnvelope,
  takeMessage,
} from './testing/smart-host-script.ts';

type Certificate = Awaited<ReturnType<typeof createTestCertificate>>;
const TO = { kind: 'elsewhere', domain: 'elsewhere.example' } as const;
const ALWAYS = new AbortController().signal;

let folder: Awaited<ReturnType<typeof createTempFolder>>;
let certificate: Certificate;
let stranger: Certificate;
let files: { readonly caFile: string; readonly passwordFile: string };

beforeAll(async () => {
  folder = await createTempFolder('smart-hosts');
  certificate = await createTestCertificate(['mx.example', '127.0.0.1']);
  stranger = await createTestCertificate(['mx.example', '127.0.0.1']);
  files = { caFile: folder.join('ca.pem'), passwordFile: folder.join('password') };
  await writeFile(files.caFile, certificate.ca);
  await writeFile(files.passwordFile, 'pass word\n');
});
afterAll(() => folder.remove());

const takeOne: PeerScript = async (peer) => {
  await greet(peer);
  await takeMessage(peer);
};

function pinOf({ cert }: Certificate): string {
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}

describe('the next host gets the message', () => {
  test.each<[string, PeerScript]>([
    ['closes at once', async () => undefined],
    ['greets with 554', (peer) => peer.sendLine('554 no')],
    ['is no mail server', (peer) => peer.sendLine('HTTP/1.1 400 Bad Request')],
    [
      'answers MAIL for now with no',
      async (peer) => {
        await greet(peer);
        await takeEnvelope(peer, ['450 4.3.2 not now', '503 no', '503 no']);
      },
    ],
    [
      'closes with 421 at RCPT',
      async (peer) => {
        await greet(peer);
        await takeEnvelope(peer, ['250 fine', '421 4.3.2 closing', '503 no']);
      },
    ],
    [
      'is lost in the middle of the message',
      async (peer) => {
        await greet(peer);
        await takeEnvelope(peer);
        await peer.readOctets(100_000);
        peer.reset();
      },
    ],
  ])('when the first one %s', async (_what, script) => {
    await using first = await startScriptedServer(script);
    await using second = await startScriptedServer(takeOne);
    using opened = openTransport(relaySettings([hostAt(first), hostAt(second)]));
    let readCount = 0;
    const { readMessage } = request();
    const longAtFirst = request({
      async *readMessage() {
        readCount += 1;
        const pieceCount = readCount === 1 && second.connectionCount === 0 ? 400 : 0;
        for (let count = 0; count < pieceCount; count += 1) yield Buffer.alloc(65_536, 'y');
        yield* readMessage();
      },
    });
    const outcomes = await opened.transport.deliver(TO, longAtFirst, ALWAYS);
    expect(outcomes).toMatchObject([{ kind: 'relayed', remote: `127.0.0.1:${second.port}` }]);
    expect(second.connectionCount).toBe(1);
    await first.kill();
  });

  test('when nobody listens at the first one', async () => {
    const gone = await startScriptedServer(takeOne);
    await gone.close();
    await using second = await startScriptedServer(takeOne);
    using opened = openTransport(relaySettings([hostAt(gone), hostAt(second)]));
    expect(await opened.transport.deliver(TO, request(), ALWAYS)).toMatchObject([
      { kind: 'relayed', remote: `127.0.0.1:${second.port}` },
    ]);
  });
});

describe('no other host is asked', () => {
  const silent: PeerScript = async () => {
    throw new Error('nobody was to come here');
  };

  test('when the message may have arrived', async () => {
    await using first = await startScriptedServer(async (peer) => {
      await greet(peer);
      await takeEnvelope(peer);
      await takeContent(peer);
      peer.reset();
    });
    await using second = await startScriptedServer(silent);
    using opened = openTransport(relaySettings([hostAt(first), hostAt(second)]));
    const [outcome] = await opened.transport.deliver(TO, request(), ALWAYS);
    expect(outcome).toMatchObject({ kind: 'deferred', mayHaveArrived: true });
    expect(outcome?.isDestinationAway).toBeUndefined();
    await first.kill();
  });

  test('when the first one refused for good', async () => {
    await using first = await startScriptedServer(async (peer) => {
      await greet(peer);
      await takeEnvelope(peer, ['250 fine', '550 5.1.1 nobody', '554 no recipients']);
    });
    await using second = await startScriptedServer(silent);
    using opened = openTransport(relaySettings([hostAt(first), hostAt(second)]));
    expect(await opened.transport.deliver(TO, request(), ALWAYS)).toMatchObject([
      { kind: 'failed', enhanced: '5.1.1' },
    ]);
    await first.kill();
  });
});

test('what one host refuses is not the last word while another one is away', async () => {
  const gone = await startScriptedServer(takeOne);
  await gone.close();
  await using small = await startScriptedServer((peer) => greet(peer, ['SIZE 1']));
  using opened = openTransport(relaySettings([hostAt(gone), hostAt(small)]));
  expect(await opened.transport.deliver(TO, request(), ALWAYS)).toMatchObject([
    { kind: 'deferred', isDestinationAway: true },
  ]);
});

describe('the host must be the right one', () => {
  const login = { user: 'relay', tls: 'starttls' } as const;

  async function deliverOver(
    script: PeerScript,
    changes: Partial<SmartHostSettings>,
    tls?: Certificate,
  ): Promise<{ readonly kind: string; readonly text: string }> {
    await using host = await startScriptedServer(script, tls === undefined ? {} : { tls });
    using opened = openTransport(relaySettings([hostAt(host, changes)]));
    const [outcome] = await opened.transport.deliver(TO, request(), ALWAYS);
    opened.transport.close();
    await host.kill();
    return outcome ?? { kind: 'none', text: '' };
  }

  const takeAfterLogin =
    (shown: () => Certificate): PeerScript =>
    async (peer) => {
      await greetByStartTls(peer, shown(), ['AUTH LOGIN PLAIN', 'PIPELINING']);
      await peer.expectLine(`AUTH PLAIN ${Buffer.from('\0relay\0pass word').toString('base64')}`);
      await peer.sendLine('235 2.7.0 welcome');
      await takeMessage(peer);
    };

  test('then it is logged in to, by STARTTLS', async () => {
    const outcome = await deliverOver(
      takeAfterLogin(() => certificate),
      { ...login, ...files },
    );
    expect(outcome).toMatchObject({ kind: 'relayed' });
  });

  test('then it gets the message, by implicit TLS, under another name', async () => {
    const changes = { tls: 'implicit', caFile: files.caFile, serverName: 'mx.example' } as const;
    expect(await deliverOver(takeOne, changes, certificate)).toMatchObject({ kind: 'relayed' });
  });

  test('a pin alone says who it is', async () => {
    const pins = [pinOf(stranger)];
    const { passwordFile } = files;
    const changes = { ...login, passwordFile, pins };
    expect(
      await deliverOver(
        takeAfterLogin(() => stranger),
        changes,
      ),
    ).toMatchObject({
      kind: 'relayed',
    });
  });

  test.each([
    ['is refused', ['STARTTLS', 'AUTH PLAIN'], '454 4.7.0 not now'],
    ['is not offered', ['AUTH PLAIN'], '502 5.5.1 what?'],
  ])('when STARTTLS %s nothing is sent', async (_what, extensions, reply) => {
    const heard = Promise.withResolvers<string>();
    const outcome = await deliverOver(
      async (peer) => {
        await peer.sendLine('220 mx.example');
        await offer(peer, extensions);
        const first = await peer.readLine();
        await peer.sendLine(reply);
        heard.resolve(`${first} ${(await peer.readToEnd()).octets.toString('latin1')}`);
      },
      { ...login, ...files },
    );
    expect(outcome).toMatchObject({ kind: 'deferred', enhanced: '4.7.0' });
    expect(await heard.promise).toBe('STARTTLS ');
  });

  test.each<[string, () => Partial<SmartHostSettings>, RegExp]>([
    ['no trusted authority', () => ({ caFile: '' }), /tls/u],
    ['another name', () => ({ serverName: 'other.example' }), /tls.*other\.example/u],
    ['a key that is not pinned', () => ({ pins: [pinOf(stranger)] }), /tls: its key/u],
  ])('with %s it gets no password', async (_what, changes, text) => {
    const outcome = await deliverOver(
      async (peer) => {
        await greetByStartTls(peer, certificate, ['AUTH PLAIN']).catch(() => undefined);
        expect((await peer.readToEnd()).octets.toString('latin1')).not.toContain('AUTH');
      },
      { ...login, ...files, ...changes() },
    );
    expect(outcome).toMatchObject({ kind: 'deferred', text: expect.stringMatching(text) });
  });

  test('what stands behind STARTTLS in the clear is no answer', async () => {
    const outcome = await deliverOver(
      async (peer) => {
        await greet(peer, ['STARTTLS']);
        await peer.expectLine('STARTTLS');
        await peer.send('220 go ahead\r\n250-mx.example\r\n250 AUTH PLAIN\r\n');
        await peer.startTls(certificate);
        await offer(peer, ['PIPELINING']);
      },
      { ...login, ...files },
    );
    expect(outcome).toMatchObject({ kind: 'deferred' });
  });

  test('a login that is refused defers, and says so', async () => {
    const outcome = await deliverOver(
      async (peer) => {
        await greetByStartTls(peer, certificate, ['AUTH PLAIN']);
        await peer.expectLine(/^AUTH PLAIN /u);
        await peer.sendLine('535 5.7.8 wrong');
      },
      { ...login, ...files },
    );
    expect(outcome).toMatchObject({ kind: 'deferred', code: 454, enhanced: '4.7.0' });
    expect(outcome.text).not.toContain('pass');
  });

  test.each([{ passwordFile: '/nowhere' }, { caFile: '/nowhere' }])(
    'a file that cannot be read defers: %j',
    async (changes) => {
      const outcome = await deliverOver(takeOne, { ...login, ...files, ...changes });
      expect(outcome).toMatchObject({ kind: 'deferred', text: expect.stringMatching(/ENOENT/u) });
    },
  );
});
