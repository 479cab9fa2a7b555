/** `homeward probe` through a running front end, as an operator's monitoring runs it. */
import { createTempFolder, startScriptedServer, type TempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoUser, Door } from './demo/env-file.ts';
import { type CommandResult, runHomeward } from './demo/homeward-command.ts';

let demo: Demo;
let elsewhere: TempFolder;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 10, sites: ['dublin'] });
  elsewhere = await createTempFolder('probe');
});
afterAll(async () => {
  await demo?.stop();
  await elsewhere?.remove();
});

interface Report {
  readonly casServer: string;
  readonly localSite: string | null;
  readonly scenario: string;
  readonly result: string;
  readonly latencyMs: number;
  readonly error: string | null;
  readonly hops: readonly {
    readonly hop: string;
    readonly result: string;
    readonly latencyMs: number;
    readonly detail: string | null;
  }[];
}

const TYPES: Readonly<Record<Door, string>> = {
  imap: 'tls',
  imaps: 'ssl',
  pop3: 'tls',
  pop3s: 'ssl',
  submission: 'tls',
  submissions: 'ssl',
};

function argsOf(user: Pick<DemoUser, 'name'>, door: Door, more: readonly string[]): string[] {
  const { host, ports } = demo.facts;
  return [
    ...[
      'probe',
      door.replace(/s$/u, ''),
      user.name,
      '--server',
      host,
      '--port',
      String(ports[door]),
    ],
    ...['--connection-type', TYPES[door], '--password-stdin', '--json', ...more],
  ];
}

async function probe(
  user: DemoUser,
  door: Door,
  ...more: readonly string[]
): Promise<Report & { readonly exitCode: number | null }> {
  return readReport(await demo.runCommand(argsOf(user, door, more), user.password));
}

function readReport({ exitCode, output }: CommandResult): Report & { exitCode: number | null } {
  const end = output.lastIndexOf('\n}');
  return { ...(JSON.parse(output.slice(output.indexOf('{'), end + 2)) as Report), exitCode };
}

function hopsOf(report: Report): readonly string[] {
  return report.hops.map(({ hop, result }) => (result === 'Success' ? hop : `${hop} ${result}`));
}

const IMAP_HOPS = ['login', 'select', 'append', 'fetch', 'delete', 'logout'];

describe('homeward probe', { timeout: 60_000 }, () => {
  it.each<[Door, readonly string[]]>([
    ['imap', ['dns', 'connect', 'greeting', 'starttls', ...IMAP_HOPS]],
    ['imaps', ['dns', 'connect', 'tls', 'greeting', ...IMAP_HOPS]],
  ])('imap by the port %s measures every hop, and leaves nothing', async (door, hops) => {
    const user = demo.takeUser();
    const report = await probe(user, door);
    expect(report).toMatchObject({
      exitCode: 0,
      casServer: demo.facts.host,
      localSite: 'dublin',
      scenario: 'Test IMAP4 Connectivity',
      result: 'Success',
      error: null,
    });
    expect(hopsOf(report)).toEqual(hops);
    const sum = report.hops.reduce((total, { latencyMs }) => total + latencyMs, 0);
    expect(report.latencyMs).toBeGreaterThanOrEqual(sum);
    await using client = await demo.openImap(user);
    expect((await client.expectOk('SELECT INBOX')).untagged).toContain('* 0 EXISTS');
  });

  it('pop3 deletes the message that an IMAP probe has left, and nobody’s mail', async () => {
    const user = demo.takeUser();
    await using client = await demo.openImap(user);
    const mail = 'Subject: mine\r\n\r\nStays.\r\n';
    await client.expectOk(`APPEND INBOX {${mail.length}+}\r\n${mail}`);
    expect(hopsOf(await probe(user, 'pop3s'))).toContain('delete Skipped');
    expect((await probe(user, 'imaps', '--leave-message')).exitCode).toBe(0);
    const report = await probe(user, 'pop3');
    expect(report).toMatchObject({ exitCode: 0, scenario: 'Test POP3 Connectivity' });
    expect(hopsOf(report)).toEqual([
      ...['dns', 'connect', 'greeting', 'starttls', 'login', 'find', 'delete', 'logout'],
    ]);
    const { untagged } = await client.expectOk('STATUS INBOX (MESSAGES)');
    expect(untagged).toEqual(['* STATUS INBOX (MESSAGES 1)']);
  });

  it('imap clears up after probes that were cut off a day ago', async () => {
    const user = demo.takeUser();
    await using client = await demo.openImap(user);
    const old = 'X-Homeward-Probe: old\r\nSubject: left over\r\n\r\n';
    const mine = 'Subject: mine\r\n\r\n';
    for (const message of [old, mine]) {
      const date = '" 1-Feb-2026 10:00:00 +0000"';
      await client.expectOk(`APPEND INBOX ${date} {${message.length}+}\r\n${message}`);
    }
    const report = await probe(user, 'imaps');
    const detail = report.hops.find(({ hop }) => hop === 'delete')?.detail;
    expect(detail).toBe('its own, and 1 of earlier probes');
    await client.expectOk('SELECT INBOX');
    const { untagged } = await client.expectOk('SEARCH SUBJECT mine');
    expect(untagged).toContain('* SEARCH 1');
  });

  it('submission says sender and recipient, or sends what an IMAP probe finds', async () => {
    const user = demo.takeUser();
    const hops = ['login', 'recipient', 'submit', 'logout'];
    const report = await probe(user, 'submission');
    expect(report).toMatchObject({ exitCode: 0, scenario: 'Test SMTP Connectivity' });
    expect(hopsOf(report)).toEqual(['dns', 'connect', 'greeting', 'starttls', ...hops]);
    expect(hopsOf(await probe(user, 'submissions', '--leave-message')).slice(4)).toEqual(hops);
    expect(hopsOf(await probe(user, 'pop3s')).slice(4)).toContain('delete');
    const wrong = await probe({ ...user, password: 'not-this-one' }, 'submissions');
    expect(wrong.error).toMatch(/^AUTH PLAIN: 535 5\.7\.8 .*\(ref [0-9A-Z]{12}\)$/);
  });

  it('--light-mode logs in and no more', async () => {
    const report = await probe(demo.takeUser(), 'imaps', '--light-mode');
    expect(hopsOf(report).slice(4)).toEqual(['login', 'logout']);
  });

  it('says where it failed, with the server’s words and its reference', async () => {
    const user = { ...demo.takeUser(), password: 'not-this-one' };
    const report = await probe(user, 'imaps');
    expect(report).toMatchObject({ exitCode: 1, result: 'Failure' });
    expect(report.error).toMatch(/^LOGIN: NO \[AUTHENTICATIONFAILED\] .*\(ref [0-9A-Z]{12}\)$/);
    expect(JSON.stringify(report)).not.toContain('not-this-one');
    expect(hopsOf(report).at(-1)).toBe('login Failure');
  });

  it('believes the deployment’s authority, those of the system, or any when told so', async () => {
    const user = demo.takeUser();
    const run = (...more: readonly string[]): Promise<CommandResult> =>
      runHomeward(argsOf(user, 'imaps', ['--light-mode', ...more]), {
        cwd: elsewhere.path,
        env: { HOMEWARD_CONFIG: undefined },
        input: user.password,
      });
    const name = ['--server-name', demo.facts.serverName];
    expect(readReport(await run(...name)).error).toMatch(/^tls-bad-certificate/);
    expect(readReport(await run(...name, '--ca', demo.facts.caFile)).result).toBe('Success');
    expect(
      readReport(await run('--server-name', 'other.test', '--ca', demo.facts.caFile)).error,
    ).toMatch(/^tls-wrong-name/);
    expect(readReport(await run('--trust-any')).result).toBe('Success');
  });

  it('gives up on a server that says nothing', async () => {
    await using server = await startScriptedServer(async (peer) => {
      await peer.expectEnd();
    });
    const user = demo.takeUser();
    const args = [
      'probe',
      'imap',
      user.name,
      '--server',
      '127.0.0.1',
      '--port',
      String(server.port),
    ];
    const result = await demo.runCommand(
      [...args, '--per-connection-timeout', '1', '--password-stdin', '--json'],
      user.password,
    );
    expect(readReport(result)).toMatchObject({
      exitCode: 1,
      error: 'the connection broke, or the time was over (1 s were over)',
    });
  });
});
