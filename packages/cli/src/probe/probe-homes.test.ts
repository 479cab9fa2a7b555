/** What `homeward probe` says of the hosts of a home of other software. */
import {
  createTempFolder,
  findFreePort,
  type PeerScript,
  type ScriptedServer,
  startScriptedServer,
  type TempFolder,
} from '@homeward/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { type CommandResult, runHomewardHere } from '../testing/run-homeward.ts';
import { formatProbe } from './format-probe.ts';
import type { ProbeView } from './probe-view.ts';

const REFUSAL = 'NO [UNAVAILABLE] Your mailbox cannot be reached now (ref 7Q2M0XK9A4TB)';

let temp: TempFolder;
let frontEnd: ScriptedServer;
let home: ScriptedServer;
let dead: string;
beforeAll(async () => {
  temp = await createTempFolder('probe-homes');
  frontEnd = await startScriptedServer(async (peer) => {
    await peer.sendLine('* OK hi');
    await peer.expectLine(/^p1 LOGIN /);
    await peer.sendLine(`p1 ${REFUSAL}`);
    await peer.hold();
  });
  home = await startScriptedServer(greet('* OK [CAPABILITY IMAP4rev1] hi'));
  dead = `127.0.0.1:${await findFreePort()}`;
  await setUp('init', '--folder', temp.path, '--hostname', 'mail.example.org', '--site', 'dublin');
  const hosts = ['--imap', dead, '--imap', `127.0.0.1:${home.port}`];
  const plain = ['--tls', 'none', '--allow-plaintext', '--login', 'pass-through'];
  await setUp('site', 'add', 'old', ...hosts, ...plain);
  await setUp('account', 'add', 'anna@example.org', '--site', 'old', '--without-password');
});
afterAll(async () => {
  await Promise.all([frontEnd?.kill(), home?.kill(), temp?.remove()]);
});

function greet(line: string): PeerScript {
  return async (peer) => {
    await peer.sendLine(line);
    await peer.hold();
  };
}

const environment = () => ({ HOMEWARD_CONFIG: temp.join('homeward.yaml') });

async function setUp(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await runHomewardHere(args, { env: environment() });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

function probe(...more: readonly string[]): Promise<CommandResult> {
  const to = ['--server', '127.0.0.1', '--port', String(frontEnd.port)];
  const how = ['--connection-type', 'plaintext', '--password-stdin', ...more];
  const args = ['probe', 'imap', 'anna@example.org', ...to, ...how];
  return runHomewardHere(args, { env: environment(), input: 'secret' });
}

it('names each host, what it said, and how long that took', async () => {
  const { code, stdout } = await probe('--json');
  expect(code).toBe(EXIT_CODES.refused);
  const { result, error, homes } = JSON.parse(stdout) as ProbeView;
  expect({ result, error }).toEqual({ result: 'Failure', error: `LOGIN: ${REFUSAL}` });
  const latencyMs = expect.any(Number) as number;
  const detail = expect.stringMatching(/^unreachable \(/) as string;
  expect(homes).toHaveLength(2);
  expect(homes).toContainEqual({ host: dead, result: 'Failure', latencyMs, detail });
  const good = { host: `127.0.0.1:${home.port}`, result: 'Success', latencyMs, detail: null };
  expect(homes).toContainEqual(good);
});

it('says that hosts are not asked which want a certificate of front ends', async () => {
  await setUp('site', 'set', 'old', '--client-certificate', 'ours');
  const { homes } = JSON.parse((await probe('--json')).stdout) as ProbeView;
  await setUp('site', 'set', 'old', '--client-certificate', 'none');
  const detail = 'asks for the client certificate ours, which front ends alone have';
  const skipped = { result: 'Skipped', latencyMs: 0, detail } as const;
  expect(homes).toContainEqual({ host: dead, ...skipped });
});

it('fits into 80 columns, and says what is longer below', () => {
  const late = 'the server said nothing within the time that it was given, and was left';
  const text = formatProbe({
    casServer: 'mail.example.com',
    localSite: 'copenhagen',
    scenario: 'Test IMAP4 Connectivity',
    result: 'Failure',
    latencyMs: 4012.3,
    error: `LOGIN: ${late}`,
    hops: [
      { hop: 'connect', result: 'Success', latencyMs: 7.9, detail: 'mail.example.com:993' },
      { hop: 'login', result: 'Failure', latencyMs: 4001.2, detail: late },
    ],
    homes: [
      { host: 'imap1.old.example.com:993', result: 'Failure', latencyMs: 3000.4, detail: late },
      { host: 'imap2.old.example.com:993', result: 'Success', latencyMs: 12.3, detail: null },
    ],
  });
  const lines = text.split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(text).toContain(`\n  LOGIN: ${late}\n`);
  expect(lines.at(-2)).toBe(`  ${late}`);
  expect(lines.at(-1)).toMatch(/^imap2\.old\.example\.com:993 +Success +12\.3$/);
});
