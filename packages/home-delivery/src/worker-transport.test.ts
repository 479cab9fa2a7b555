import type { SiteName, SiteRecord } from '@homeward/directory';
import type { DeliveryOutcome, DeliveryRequest } from '@homeward/mail-queue';
import { NO_MAIL_PARAMETERS, NO_RECIPIENT_PARAMETERS } from '@homeward/smtp/grammar';
import type { PeerScript, ScriptedPeer } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { doorOf, greet, TestDeployment } from './testing/lmtp-home.ts';
import { WorkerTransport } from './worker-transport.ts';

const TO = { kind: 'worker', site: 'dublin', workerIndex: 0 } as const;

let deployment: TestDeployment;
beforeAll(async () => {
  deployment = await TestDeployment.create();
});
afterAll(() => deployment.remove());

function request(
  names: readonly string[],
  readMessage: DeliveryRequest['readMessage'] = () => pieces('Hello.\r\n'),
): DeliveryRequest {
  return {
    reference: 'M1',
    sender: '',
    parameters: NO_MAIL_PARAMETERS,
    sizeBytes: 8,
    recipients: names.map((name) => ({
      address: `${name}@example.org`,
      parameters: NO_RECIPIENT_PARAMETERS,
    })),
    readMessage,
  };
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function takeEnvelope(peer: ScriptedPeer): Promise<void> {
  for (const command of [/^MAIL/, /^RCPT/]) {
    await peer.expectLine(command);
    await peer.sendLine('250 2.1.0 fine');
  }
}

/** Delivers once to a worker that plays `script`. */
async function deliverTo(
  script: PeerScript,
  message: DeliveryRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly DeliveryOutcome[]> {
  await using home = await deployment.startHome(script);
  const { host, port, serverName } = doorOf(home);
  const site = {
    serverName,
    workers: [{ host, lmtpsPort: port }],
  } as unknown as SiteRecord;
  const links = deployment.openLinks();
  const transport = new WorkerTransport({ links, getSite: () => Promise.resolve(site) });
  try {
    return await transport.deliver(TO, message, signal);
  } finally {
    await home.kill();
    await links.close();
  }
}

describe('WorkerTransport', () => {
  test('gives each recipient its own outcome', async () => {
    const outcomes = await deliverTo(
      async (peer) => {
        await greet(peer);
        await peer.expectLine('MAIL FROM:<> SIZE=8');
        await peer.sendLine('250 2.1.0 fine');
        for (const name of ['a', 'b', 'c', 'd']) {
          await peer.expectLine(`RCPT TO:<${name}@example.org>`);
        }
        await peer.send('250 2.1.5 a\r\n550 5.1.1 b\r\n250 2.1.5 c\r\n451 4.4.1 moved\r\n');
        await peer.expectLine('DATA');
        await peer.sendLine('354 go on');
        expect(await peer.readDotLines()).toEqual(['Hello.']);
        await peer.send('250 2.0.0 in\r\n552 5.2.2 full\r\n');
        await peer.hold();
      },
      request(['a', 'b', 'c', 'd']),
    );
    const remote = 'dublin.sites.test';
    expect(outcomes).toEqual([
      { kind: 'delivered', code: 250, enhanced: '2.0.0', text: 'in', remote },
      { kind: 'failed', code: 550, enhanced: '5.1.1', text: 'b', remote },
      { kind: 'failed', code: 552, enhanced: '5.2.2', text: 'full', remote },
      { kind: 'deferred', code: 451, enhanced: '4.4.1', text: 'moved', remote },
    ]);
  });

  test.each([
    ['252 2.1.5 maybe', undefined],
    ['250 2.1.5 fine', '250 2.0.0 what?'],
  ])('takes nothing for delivered that was not sent: %s, %s', async (toRecipient, toData) => {
    const outcomes = await deliverTo(
      async (peer) => {
        await greet(peer);
        await peer.readLine();
        await peer.sendLine('250 2.1.0 fine');
        await peer.readLine();
        await peer.sendLine(toRecipient);
        if (toData !== undefined) {
          await peer.expectLine('DATA');
          await peer.sendLine(toData);
        }
        await peer.expectLine('RSET');
        await peer.sendLine('250 2.0.0 fine');
        await peer.hold();
      },
      request(['a']),
    );
    expect(outcomes).toMatchObject([{ kind: 'deferred', code: 451 }]);
  });

  test('knows a message that may have arrived all the same', async () => {
    const outcomes = await deliverTo(
      async (peer) => {
        await greet(peer);
        await takeEnvelope(peer);
        await peer.expectLine('DATA');
        await peer.sendLine('354 go on');
        await peer.readDotLines();
        peer.octets.destroy();
      },
      request(['a']),
    );
    expect(outcomes).toMatchObject([{ kind: 'deferred', code: 451, mayHaveArrived: true }]);
  });

  test('cuts a message that cannot be read to its end, and never ends it', async () => {
    const heard = Promise.withResolvers<string>();
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('Half a li');
      throw new Error('the disk fails');
    };
    const delivering = deliverTo(
      async (peer) => {
        await greet(peer);
        await takeEnvelope(peer);
        await peer.expectLine('DATA');
        await peer.sendLine('354 go on');
        heard.resolve((await peer.readToEnd()).octets.toString());
      },
      request(['a'], failing),
    );
    await expect(delivering).rejects.toThrow('the disk fails');
    expect(await heard.promise).not.toContain('\r\n');
  });

  test('gives up at once when told to', async () => {
    const stop = new AbortController();
    const outcomes = await deliverTo(
      async (peer) => {
        await greet(peer);
        await peer.readLine();
        await peer.sendLine('250 2.1.0 fine');
        await peer.readLine();
        stop.abort();
        await peer.hold();
      },
      request(['a']),
      stop.signal,
    );
    expect(outcomes).toMatchObject([{ kind: 'deferred', code: 451, enhanced: '4.4.2' }]);
  });

  test('gives up also when told to while the transaction begins', async () => {
    const stop = new AbortController();
    const outcomes = await deliverTo(
      async (peer) => {
        await greet(peer);
        await peer.readLine();
        stop.abort();
        await peer.sendLine('250 2.1.0 fine');
        await peer.hold();
      },
      request(['a']),
      stop.signal,
    );
    expect(outcomes).toMatchObject([{ kind: 'deferred', code: 451, enhanced: '4.4.2' }]);
  });

  test('still hears what became of a message that is whole', async () => {
    const stop = new AbortController();
    const outcomes = await deliverTo(
      async (peer) => {
        await greet(peer);
        await takeEnvelope(peer);
        await peer.expectLine('DATA');
        await peer.sendLine('354 go on');
        await peer.readDotLines();
        stop.abort();
        await peer.sendLine('250 2.0.0 in');
        await peer.hold();
      },
      request(['a']),
      stop.signal,
    );
    expect(outcomes).toMatchObject([{ kind: 'delivered', code: 250 }]);
  });

  test('knows a worker that is away, or takes no mail', async () => {
    const home = await deployment.startHome(() => Promise.resolve());
    await home.kill();
    const links = deployment.openLinks();
    const { host, port, serverName } = doorOf(home);
    const signal = new AbortController().signal;
    for (const [lmtpsPort, isAway] of [
      [port, true],
      [undefined, undefined],
    ] as const) {
      const site = { serverName, workers: [{ host, lmtpsPort }] } as unknown as SiteRecord;
      const getSite = (name: SiteName): Promise<SiteRecord | undefined> =>
        Promise.resolve(name === 'dublin' ? site : undefined);
      const transport = new WorkerTransport({ links, getSite });
      const [outcome] = await transport.deliver(TO, request(['a']), signal);
      expect(outcome).toMatchObject({ kind: 'deferred', code: 451, enhanced: '4.4.1' });
      expect(outcome?.isDestinationAway).toBe(isAway);
    }
    await links.close();
  });
});
