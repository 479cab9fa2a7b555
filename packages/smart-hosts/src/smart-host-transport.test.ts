/** Every case shows both ends: what the host hears, and what the queue is told. */
import type { DeliveryRequest } from '@homeward/mail-queue';
import { NO_MAIL_PARAMETERS } from '@homeward/smtp/grammar';
import { FakeClock, type PeerScript, startScriptedServer } from '@homeward/testkit';
import { describe, expect, test } from 'vitest';
import { LAST_WORD_MS } from './nodemailer-link.ts';
import type { SmartHostTransport } from './smart-host-transport.ts';
import {
  EXTENSIONS,
  greet,
  hostAt,
  openTransport,
  recipients,
  relaySettings,
  request,
  takeContent,
  takeEnvelope,
  takeMessage,
} from './testing/smart-host-script.ts';

const TO = { kind: 'elsewhere', domain: 'elsewhere.example' } as const;
const deliver = (
  transport: SmartHostTransport,
  message: DeliveryRequest,
  signal: AbortSignal = new AbortController().signal,
): ReturnType<SmartHostTransport['deliver']> => transport.deliver(TO, message, signal);

/** Delivers once to a host that plays `script`, and waits until the script is over. */
async function deliverTo(
  script: PeerScript,
  message: DeliveryRequest,
): ReturnType<SmartHostTransport['deliver']> {
  await using host = await startScriptedServer(script);
  using opened = openTransport(relaySettings([hostAt(host)]));
  const outcomes = await deliver(opened.transport, message);
  opened.transport.close();
  await host.finished();
  return outcomes;
}

describe('SmartHostTransport says to the host', () => {
  test('what each recipient and the message are to be told of (RFC 3461, 6531, 1870)', async () => {
    let envelope: readonly string[] = [];
    const original = { type: 'rfc822', address: 'Bob+x@home.example' };
    const [outcome, other] = await deliverTo(
      async (peer) => {
        await greet(peer);
        ({ envelope } = await takeMessage(peer));
        await peer.expectLine('QUIT');
      },
      request({
        parameters: {
          ...NO_MAIL_PARAMETERS,
          body: '8BITMIME',
          isUtf8: true,
          returned: 'HDRS',
          envelopeId: 'a b',
        },
        recipients: [
          {
            address: 'bob@elsewhere.example',
            parameters: { notify: ['SUCCESS', 'DELAY'], originalRecipient: original },
          },
          {
            address: 'carl@elsewhere.example',
            parameters: { notify: [], originalRecipient: undefined },
          },
        ],
      }),
    );
    expect(envelope).toEqual([
      'MAIL FROM:<anna@example.org> SIZE=22 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+20b',
      'RCPT TO:<bob@elsewhere.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+2Bx@home.example',
      'RCPT TO:<carl@elsewhere.example> NOTIFY=NEVER',
      'DATA',
    ]);
    expect(outcome).toMatchObject({
      kind: 'relayed',
      code: 250,
      enhanced: '2.0.0',
      text: 'taken as 1234',
      isNotifyPassedOn: true,
    });
    expect(other).toEqual(outcome);
  });

  test('nothing that the host does not know', async () => {
    const notify = { notify: ['FAILURE'], originalRecipient: undefined } as const;
    const [outcome] = await deliverTo(
      async (peer) => {
        await greet(peer, []);
        await peer.expectLine('MAIL FROM:<>');
        await peer.sendLine('250 fine');
        await peer.expectLine('RCPT TO:<bob@elsewhere.example>');
        await peer.sendLine('250 fine');
        await peer.expectLine('DATA');
        await peer.sendLine('354 go');
        await takeContent(peer);
        await peer.sendLine('250 taken');
      },
      request({
        sender: '',
        parameters: { ...NO_MAIL_PARAMETERS, returned: 'FULL' },
        recipients: [{ address: 'bob@elsewhere.example', parameters: notify }],
      }),
    );
    expect(outcome).toMatchObject({ kind: 'relayed', enhanced: '2.0.0', isNotifyPassedOn: false });
  });

  test('every line end as CRLF, and no dot that would end the message early', async () => {
    let octets = '';
    const end = '\r\n.\r\n';
    const pieces = ['.a\nb\n', '.\nc\r', '.\r', '\nd\r.\re\r\n', '.', '\r\nf'];
    await deliverTo(
      async (peer) => {
        await greet(peer);
        await takeEnvelope(peer);
        while (!octets.endsWith(`f${end}`)) octets += (await peer.readOctets(1)).toString('latin1');
        await peer.sendLine('250 taken');
        await peer.expectLine('QUIT');
      },
      request({
        async *readMessage() {
          for (const piece of pieces) yield Buffer.from(piece);
        },
      }),
    );
    expect(octets.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/u);
    expect(octets.indexOf(end)).toBe(octets.length - end.length);
    expect(octets).toBe('..a\r\nb\r\n..\r\nc\r\n..\r\nd\r\n..\r\ne\r\n..\r\nf\r\n.\r\n');
  });
});

describe('SmartHostTransport says to the queue', () => {
  test('what the host answered about each recipient', async () => {
    const outcomes = await deliverTo(
      async (peer) => {
        await greet(peer);
        await takeEnvelope(peer, [
          '250 fine',
          '550-5.1.1 nobody\r\n550 5.1.1 of that name',
          '452 4.2.2 full',
          '250 fine',
        ]);
        await takeContent(peer);
        await peer.sendLine('250 taken');
      },
      request({ recipients: recipients('no@x.example', 'full@x.example', 'yes@x.example') }),
    );
    expect(outcomes).toMatchObject([
      { kind: 'failed', code: 550, enhanced: '5.1.1', text: 'nobody of that name' },
      { kind: 'deferred', code: 452, enhanced: '4.2.2' },
      { kind: 'relayed', code: 250 },
    ]);
    expect(outcomes[0]?.remote).toMatch(/^127\.0\.0\.1:\d+$/u);
  });

  test('that the message was refused, and who had been refused before', async () => {
    const outcomes = await deliverTo(
      async (peer) => {
        await greet(peer);
        await takeEnvelope(peer, ['250 fine', '550 5.1.1 nobody']);
        await takeContent(peer);
        await peer.sendLine('451 4.7.1 greylisted\u00e9');
      },
      request({ recipients: recipients('no@x.example', 'yes@x.example') }),
    );
    expect(outcomes).toMatchObject([
      { kind: 'failed', code: 550 },
      { kind: 'deferred', code: 451, enhanced: '4.7.1', text: 'greylisted?' },
    ]);
  });

  test.each([
    ['550 5.7.1 not from you', { kind: 'failed', code: 550, enhanced: '5.7.1' }],
    ['530 5.7.0 log in first', { kind: 'deferred', code: 454, enhanced: '4.7.0' }],
    ['451 4.3.0 later', { kind: 'deferred', code: 451, enhanced: '4.3.0' }],
    ['550 2.1.0 confused', { kind: 'failed', code: 550, enhanced: '5.0.0' }],
  ])('what MAIL was answered with: %s', async (reply, outcome) => {
    const outcomes = await deliverTo(async (peer) => {
      await greet(peer);
      await takeEnvelope(peer, [reply, '503 no', '503 no']);
      await peer.expectLine('RSET');
      await peer.sendLine('250 fine');
      await peer.expectLine('QUIT');
    }, request());
    expect(outcomes).toMatchObject([outcome]);
  });

  test.each<[string, readonly string[], Partial<DeliveryRequest>, object]>([
    ['SIZE', ['SIZE 10'], {}, { kind: 'failed', code: 552, enhanced: '5.3.4' }],
    [
      '8BITMIME',
      ['SMTPUTF8'],
      { parameters: { ...NO_MAIL_PARAMETERS, body: '8BITMIME' } },
      { kind: 'failed', code: 554, enhanced: '5.6.3' },
    ],
    [
      'SMTPUTF8',
      ['8BITMIME'],
      { parameters: { ...NO_MAIL_PARAMETERS, isUtf8: true } },
      { kind: 'failed', code: 550, enhanced: '5.6.9' },
    ],
    [
      'SMTPUTF8',
      ['8BITMIME'],
      { recipients: recipients('zo\u00eb@x.example') },
      { kind: 'failed', code: 550, enhanced: '5.6.7' },
    ],
  ])(
    'that it is not sent to a host without enough %s',
    async (_name, offered, changes, outcome) => {
      const outcomes = await deliverTo(async (peer) => {
        await greet(peer, offered);
        await peer.expectLine('QUIT');
      }, request(changes));
      expect(outcomes).toMatchObject([outcome]);
    },
  );

  test('that an address which would end the path is told to nobody', async () => {
    let envelope: readonly string[] = [];
    const bad = 'a>\r\nRCPT TO:<x@y.example';
    const outcomes = await deliverTo(
      async (peer) => {
        await greet(peer);
        ({ envelope } = await takeMessage(peer));
      },
      request({ recipients: recipients(bad, 'bob@x.example', 'bob@x.example') }),
    );
    expect(envelope.slice(1)).toEqual(['RCPT TO:<bob@x.example>', 'DATA']);
    expect(outcomes).toMatchObject([
      { kind: 'failed', enhanced: '5.1.3' },
      { kind: 'relayed' },
      { kind: 'relayed' },
    ]);
  });

  test('that there is no host', async () => {
    using opened = openTransport(relaySettings([]));
    const outcomes = await deliver(opened.transport, request());
    expect(outcomes).toMatchObject([{ kind: 'deferred', code: 451, enhanced: '4.4.4' }]);
  });
});

test('SmartHostTransport sends to many recipients by hundreds, those who need SMTPUTF8 apart', async () => {
  const counts: number[] = [];
  const addresses = Array.from({ length: 250 }, (_, number) => `p${number}@x.example`);
  const outcomes = await deliverTo(
    async (peer) => {
      await greet(peer);
      for (let time = 0; time < 4; time += 1) {
        const { envelope } = await takeMessage(peer);
        expect(envelope[0]?.includes('SMTPUTF8')).toBe(time === 3);
        counts.push(envelope.length - 2);
      }
    },
    request({ recipients: recipients('zo\u00eb@x.example', ...addresses) }),
  );
  expect(counts).toEqual([100, 100, 50, 1]);
  expect(outcomes).toHaveLength(251);
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['relayed']));
});

test('SmartHostTransport reads a message no faster than the host takes it', async () => {
  let readBytes = 0;
  const piece = Buffer.alloc(65_536, 'x');
  const stalled = Promise.withResolvers<void>();
  await using host = await startScriptedServer(async (peer) => {
    await greet(peer, [...EXTENSIONS.filter((name) => !name.startsWith('SIZE'))]);
    await takeEnvelope(peer);
    stalled.resolve();
    await peer.hold();
  });
  using opened = openTransport(relaySettings([hostAt(host)]));
  const stop = new AbortController();
  const delivery = deliver(
    opened.transport,
    request({
      sizeBytes: 1_600 * piece.length,
      async *readMessage() {
        for (let count = 0; count < 1_600; count += 1) {
          readBytes += piece.length;
          yield piece;
        }
      },
    }),
    stop.signal,
  );
  await stalled.promise;
  await expect.poll(() => readBytes, { timeout: 5_000 }).toBeGreaterThan(piece.length);
  let before = -1;
  const isAtRest = (): boolean => {
    const isSame = before === readBytes;
    before = readBytes;
    return isSame;
  };
  await expect.poll(isAtRest, { interval: 100, timeout: 10_000 }).toBe(true);
  // Both kernels' buffers and ours; the message has 100 MB.
  expect(readBytes).toBeLessThan(16 * 1024 * 1024);
  stop.abort();
  expect(await delivery).toMatchObject([{ kind: 'deferred', enhanced: '4.3.2' }]);
  await host.kill();
});

describe('SmartHostTransport that is told to stop behind a whole message', () => {
  async function stopAtTheEnd(answer: string | undefined): ReturnType<typeof deliver> {
    const stop = new AbortController();
    const clock = new FakeClock();
    await using host = await startScriptedServer(async (peer) => {
      await greet(peer);
      await takeEnvelope(peer);
      await takeContent(peer);
      stop.abort();
      if (answer === undefined) clock.advance(LAST_WORD_MS);
      else await peer.sendLine(answer);
      await peer.hold();
    });
    using opened = openTransport(relaySettings([hostAt(host)]), clock);
    const outcomes = await deliver(opened.transport, request(), stop.signal);
    await host.kill();
    return outcomes;
  }

  test('still hears what became of it', async () => {
    expect(await stopAtTheEnd('250 2.0.0 taken')).toMatchObject([{ kind: 'relayed', code: 250 }]);
  });

  test('says that it may have arrived if nobody answers soon', async () => {
    expect(await stopAtTheEnd(undefined)).toMatchObject([
      { kind: 'deferred', mayHaveArrived: true },
    ]);
  });
});
