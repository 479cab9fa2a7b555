/** A probe against scripted servers: what it says, where it ends. */
import { type ScriptedPeer, startScriptedServer } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { HopWatch } from './hop-watch.ts';
import { openProbeLink } from './probe-link.ts';
import { probeSmtp } from './smtp-probe.ts';

type PeerScript = (peer: ScriptedPeer) => Promise<void>;

const PLAIN = Buffer.from('\0anna\0secret').toString('base64');

/** @returns The hops with their results; the last one's detail where it failed. */
async function probe(
  script: PeerScript,
  changes: { readonly isLight?: boolean; readonly leavesMessage?: boolean } = {},
): Promise<readonly string[]> {
  await using server = await startScriptedServer(script);
  const watch = new HopWatch(() => 0);
  const { host, port } = server;
  const target = { host, port, serverName: host, ca: [], trustsSystem: false, trustsAny: false };
  const link = await openProbeLink(
    { ...target, connectionType: 'plaintext' },
    watch,
    AbortSignal.timeout(10_000),
  );
  const course = {
    connectionType: 'plaintext' as const,
    login: 'anna',
    address: 'anna@example.net',
    password: 'secret',
    isLight: false,
    leavesMessage: false,
    watch,
    nowMs: () => 0,
    makeId: () => 'id1',
    ...changes,
  };
  try {
    await probeSmtp(link, course);
    await server.finished();
  } catch {
    // The hops have it.
  } finally {
    link.close();
  }
  return watch.hops
    .slice(2)
    .map(({ hop, result, detail }) => (result === 'Failure' ? `${hop}: ${detail}` : hop));
}

const letIn: PeerScript = async (peer) => {
  await peer.sendLine('220 mail ESMTP');
  await peer.expectLine(/^EHLO /);
  await peer.send('250-mail\r\n250 AUTH PLAIN\r\n');
  await peer.expectLine(`AUTH PLAIN ${PLAIN}`);
  await peer.sendLine('235 2.7.0 in');
};

const takeAddresses: PeerScript = async (peer) => {
  await letIn(peer);
  await peer.expectLine('MAIL FROM:<anna@example.net>');
  await peer.sendLine('250 2.1.0 OK');
  await peer.expectLine('RCPT TO:<anna@example.net>');
  await peer.sendLine('250 2.1.5 OK');
};

const sayGoodbye: PeerScript = async (peer) => {
  await peer.expectLine('QUIT');
  await peer.sendLine('221 2.0.0 bye');
};

describe('probeSmtp()', () => {
  it('says who it is and to whom, and takes it back', async () => {
    const hops = await probe(async (peer) => {
      await takeAddresses(peer);
      await peer.expectLine('RSET');
      await peer.sendLine('250 2.0.0 OK');
      await sayGoodbye(peer);
    });
    expect(hops).toEqual(['greeting', 'login', 'recipient', 'submit', 'logout']);
  });

  it('sends itself the message that the other probes find', async () => {
    const script: PeerScript = async (peer) => {
      await takeAddresses(peer);
      await peer.expectLine('DATA');
      await peer.sendLine('354 go');
      const lines: string[] = [];
      while (lines.at(-1) !== '.') lines.push(await peer.readLine());
      expect(lines).toContain('X-Homeward-Probe: id1');
      await peer.sendLine('250 2.0.0 OK');
      await sayGoodbye(peer);
    };
    const hops = await probe(script, { leavesMessage: true });
    expect(hops).toEqual(['greeting', 'login', 'recipient', 'submit', 'logout']);
  });

  it('logs in and no more', async () => {
    const script: PeerScript = async (peer) => {
      await letIn(peer);
      await sayGoodbye(peer);
    };
    expect(await probe(script, { isLight: true })).toEqual(['greeting', 'login', 'logout']);
  });

  it('names the step that failed, and no secret', async () => {
    const hops = await probe(async (peer) => {
      await peer.sendLine('220 mail ESMTP');
      await peer.expectLine(/^EHLO /);
      await peer.sendLine('250 mail');
      await peer.readLine();
      await peer.sendLine('535 5.7.8 Authentication failed');
    });
    expect(hops).toEqual(['greeting', 'login: AUTH PLAIN: 535 5.7.8 Authentication failed']);
  });
});
