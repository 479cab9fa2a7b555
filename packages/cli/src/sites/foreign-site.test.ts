/** Sites of other software, as an operator says them. */
import { writeFile } from 'node:fs/promises';
import { createTempFolder, createTestCertificate, type TempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import {
  type CommandResult,
  createCommandRunner,
  runHomewardHere,
} from '../testing/run-homeward.ts';
import { foreignFromOptions, type ForeignOptions } from './foreign-options.ts';

const runner = createCommandRunner();

let temp: TempFolder;
beforeAll(async () => {
  temp = await createTempFolder('foreign');
  const args = ['--folder', temp.path, '--hostname', 'mail.example.org', '--site', 'dublin'];
  await runHomewardHere(['init', ...args]);
  await writeFile(temp.join('ca.pem'), (await createTestCertificate()).ca);
  await writeFile(temp.join('key.pem'), (await createTestCertificate()).key);
});
afterAll(() => temp.remove());

function homeward(...args: readonly string[]): Promise<CommandResult> {
  return runner(args, { env: { HOMEWARD_CONFIG: temp.join('homeward.yaml') } });
}

async function json(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await homeward(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('homeward site', () => {
  it('adds a site of other software, shows it, changes it, and has accounts there', async () => {
    const hosts = ['--imap', 'a.old.test', '--imap', '10.0.0.9:1993', '--pop3', '[2001:db8::5]'];
    const master = ['--login', 'master', '--master-user', 'boss', '--master-secret', 'old'];
    const trust = ['--ca-file', temp.join('ca.pem')];
    expect(await json('site', 'add', 'old', ...hosts, ...master, ...trust)).toMatchObject({
      serverName: '',
      workers: [],
      foreign: {
        imap: {
          hosts: [
            { host: 'a.old.test', port: 993 },
            { host: '10.0.0.9', port: 1993 },
          ],
          tls: 'implicit',
        },
        pop3: { hosts: [{ host: '2001:db8::5', port: 995 }] },
        trust: { ca: expect.stringContaining('BEGIN CERTIFICATE') },
        login: { kind: 'master', user: 'boss', secret: 'old', form: 'joined' },
        loginName: '{address}',
      },
    });
    await json(
      'site',
      'set',
      'old',
      '--login',
      'pass-through',
      '--pop3',
      'none',
      '--ca-file',
      'none',
    );
    const { stdout } = await homeward('site', 'show', 'old');
    expect(stdout).toMatch(/pop3 +not served/);
    expect(stdout).toMatch(/authority +the public ones/);
    expect(stdout).toMatch(/login +pass-through/);
    expect((await homeward('site', 'list')).stdout).toMatch(/^old +- +a\.old\.test +993 +-/m);

    const account = ['x@example.org', '--site', 'old', '--without-password'];
    expect(await json('account', 'add', ...account, '--login-at-home', 'x.old')).toMatchObject({
      site: 'old',
      loginAtHome: 'x.old',
      epoch: 1,
    });
    expect(
      await json('account', 'set', 'x@example.org', '--site', 'dublin', '--login-at-home', ''),
    ).toMatchObject({ site: 'dublin', loginAtHome: null, epoch: 2 });
  });

  it('deletes a site where nobody lives, and no other', async () => {
    await json('site', 'add', 'short-lived', '--imap', 'a.test');
    await json('account', 'add', 'y@example.org', '--site', 'short-lived', '--without-password');
    expect(await homeward('site', 'delete', 'short-lived')).toMatchObject({
      code: EXIT_CODES.refused,
      stderr: expect.stringContaining('accounts live at short-lived'),
    });
    await json('account', 'set', 'y@example.org', '--site', 'dublin');
    expect(await json('site', 'delete', 'short-lived')).toEqual({ name: 'short-lived' });
    expect(await homeward('site', 'show', 'short-lived')).toMatchObject({
      code: EXIT_CODES.refused,
      stderr: expect.stringContaining('there is no site'),
    });
  });

  test.each<[string, readonly string[], number, RegExp]>([
    ['neither workers nor hosts', [], EXIT_CODES.usage, /--worker .* --imap/],
    [
      'both',
      ['--worker', '10.0.0.1:1:2', '--imap', 'a.test'],
      EXIT_CODES.usage,
      /--worker .* --imap/,
    ],
    ['the front ends’ own name', ['--imap', 'MAIL.example.org'], EXIT_CODES.refused, /for ever/],
    ['a bad pin', ['--imap', 'a.test', '--pin', 'x'], EXIT_CODES.refused, /no pin/],
  ])('does not add one with %s', async (_what, args, code, message) => {
    expect(await homeward('site', 'add', 'wrong', ...args)).toMatchObject({
      code,
      stderr: expect.stringMatching(message),
    });
  });
});

describe('foreignFromOptions() refuses', () => {
  test.each<[string, ForeignOptions, RegExp]>([
    ['plaintext that nobody allowed', { imap: ['a'], tls: 'none' }, /--allow-plaintext/],
    ['no host', { imap: ['a:b:c'] }, /no host/],
    ['a port beyond', { imap: ['a:70000'] }, /no host/],
    ['a master without name', { imap: ['a'], login: 'master' }, /--master-user/],
    ['a master without use', { imap: ['a'], masterUser: 'm' }, /--login master/],
  ])('%s', async (_what, options, message) => {
    await expect(foreignFromOptions(options)).rejects.toThrow(message);
  });

  test('a private key as authority', async () => {
    const caFile = temp.join('key.pem');
    await expect(foreignFromOptions({ imap: ['a'], caFile })).rejects.toThrow(OperatorError);
  });
});

describe('foreignFromOptions()', () => {
  it('chooses ports by protocol and TLS', async () => {
    const site = await foreignFromOptions({ imap: ['a'], pop3: ['a'], tls: 'starttls' });
    expect([site.imap?.hosts[0]?.port, site.pop3?.hosts[0]?.port]).toEqual([143, 110]);
  });
});
