/**
 * `mailbox backup` and `restore`, `account delete` and `undelete` as processes: by the control
 * port of a running site, and on its volume while it is down.
 */
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { dirname, join } from 'node:path';
import { issueCertificate, readPemPair, writePemPair } from '@homeward/net/pki';
import { sampleMessage } from '@homeward/samples';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';

let deployment: TestDeployment;
let backupCount = 0;

beforeAll(async () => {
  deployment = await startTestDeployment({ directLogin: true });
});
afterAll(() => deployment[Symbol.asyncDispose]());

function append(address: string, ...indexes: readonly number[]): Promise<void> {
  return deployment.withOwner(address, async (connection) => {
    for (const index of indexes) {
      const octets = sampleMessage(index, index === 9 ? 400_000 : 2_000);
      const answer = await connection.runInvited('APPEND INBOX', octets.length, [octets]);
      expect(answer.status).toBe('OK');
    }
  });
}

function look(address: string): Promise<readonly string[]> {
  return deployment.fetch(address, 'INBOX', '(UID EMAILID RFC822.SIZE)');
}

function nextFolder(): string {
  backupCount += 1;
  return deployment.temp.join(`backup-${backupCount}`);
}

async function refused(...args: readonly string[]): Promise<string> {
  const result = await deployment.homeward(args);
  expect(result).toMatchObject({ code: EXIT_CODES.refused, stdout: '' });
  return result.stderr;
}

describe('homeward mailbox backup and restore', () => {
  it('brings a mailbox back as it was, with its UIDs, also while it is in use', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await append(address, 1, 9);
    const before = await look(address);
    expect(await deployment.json('mailbox', 'backup', address, folder)).toMatchObject({
      messageCount: 2,
      missingCount: 0,
    });
    await append(address, 3);
    expect(await refused('mailbox', 'restore', address, folder)).toMatch(
      /there is a mailbox already; give --replace/,
    );
    await deployment.json('mailbox', 'restore', address, folder, '--replace', '--yes');
    expect(await look(address)).toEqual(before);
    expect(await deployment.json('account', 'show', address)).toMatchObject({ enabled: true });
    // And back: what was put aside is not lost.
    await deployment.json('mailbox', 'restore', address, '--put-aside', '--yes');
    expect(await look(address)).toHaveLength(3);
  });

  it('renews a backup, and restores it into another account', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await append(address, 1);
    await deployment.json('mailbox', 'backup', address, folder);
    await append(address, 9);
    expect(await deployment.run('mailbox', 'backup', address, folder)).toMatch(
      /^Backed up .* to .*: 2 message\(s\), 39\d(\.\d)? KB\.\n$/,
    );
    const copy = await deployment.addAccount();
    expect(await deployment.json('mailbox', 'restore', copy, folder)).toMatchObject({
      messageCount: 2,
    });
    expect(await look(copy)).toHaveLength(2);
  });

  it('says which messages a backup has lost', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await append(address, 1, 9);
    await deployment.stopSite();
    const spread = deployment.temp.join('mail/dublin');
    const { id } = await deployment.json<{ id: string }>('account', 'show', address);
    const files = (await readdir(spread, { recursive: true })).filter(
      (name) => name.includes(id) && name.includes('messages/'),
    );
    for (const file of files) await rm(join(spread, file));
    await deployment.startSite();
    const result = await deployment.homeward(['mailbox', 'backup', address, folder]);
    expect(result.code).toBe(EXIT_CODES.refused);
    expect(result.stderr).toMatch(/1 message\(s\) have lost their octets/);
    await deployment.homeward(['mailbox', 'verify', address, '--repair']);
  });

  it.each<[claim: string, args: readonly string[], code: number, message: RegExp]>([
    [
      'a path that is none at the site',
      ['backup', '$', 'here'],
      EXIT_CODES.usage,
      /a whole path on the site/,
    ],
    [
      'a mailbox that nobody has opened',
      ['backup', '$', '/tmp/x'],
      EXIT_CODES.refused,
      /nobody has opened/,
    ],
    ['a backup that is none', ['restore', '$', '/tmp'], EXIT_CODES.refused, /\/tmp is no backup/],
    [
      'neither backup nor what was put aside',
      ['restore', '$'],
      EXIT_CODES.usage,
      /give the folder/,
    ],
    [
      'nothing that was put aside',
      ['restore', '$', '--put-aside', '-y'],
      EXIT_CODES.refused,
      /nothing was put aside/,
    ],
    [
      'to replace where nobody can be asked',
      ['restore', '$', '/tmp', '--replace'],
      EXIT_CODES.usage,
      /--yes/,
    ],
  ])('refuses %s', async (_claim, args, code, message) => {
    const address = await deployment.addAccount();
    const typed = args.map((arg) => (arg === '$' ? address : arg));
    const result = await deployment.homeward(['mailbox', ...typed]);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  it('says what the volume cannot do, and changes nothing', async () => {
    const address = await deployment.addAccount();
    await append(address, 1);
    const result = await deployment.homeward(['mailbox', 'backup', address, '/etc/hostname/x']);
    expect(result).toMatchObject({ code: EXIT_CODES.unavailable, stdout: '' });
    expect(result.stderr).toMatch(
      /cannot be backed up to \/etc\/hostname\/x: that failed \(.*ENOTDIR/,
    );
    expect(await look(address)).toHaveLength(1);
  });
});

describe('homeward mailbox verify', () => {
  /** Paths of an account's message files. */
  async function messageFiles(address: string): Promise<readonly string[]> {
    const { id } = await deployment.json<{ id: string }>('account', 'show', address);
    const volume = deployment.temp.join('mail/dublin');
    return (await readdir(volume, { recursive: true }))
      .filter((name) => name.includes(`${id}/messages/`))
      .map((name) => join(volume, name));
  }

  it('finds nothing wrong with a mailbox in use', async () => {
    const [address, empty] = [await deployment.addAccount(), await deployment.addAccount()];
    await append(address, 1, 9);
    expect(await deployment.json('mailbox', 'verify', address)).toEqual([
      { account: address, exists: true, messageCount: 2, findingCount: 0, findings: [] },
    ]);
    expect(await deployment.run('mailbox', 'verify', address)).toBe(
      `${address}: 2 message(s), all is well\n`,
    );
    expect(await deployment.run('mailbox', 'verify', empty)).toMatch(/nobody has opened it yet/);
  });

  it('finds what is wrong, mends it on demand, and finds nothing then', async () => {
    const address = await deployment.addAccount();
    await append(address, 1, 9);
    const [file = ''] = await messageFiles(address);
    // A message's file under another name: one that is missing, one that nobody knows.
    await rename(file, join(dirname(file), 'somebody-was-here'));
    const found = await deployment.homeward(['mailbox', 'verify', address, '--json']);
    expect(found.code).toBe(EXIT_CODES.refused);
    expect(JSON.parse(found.stdout)).toMatchObject([{ account: address, exists: true }]);
    expect(found.stdout).toContain('"missing-file"');
    await deployment.withOwner(address, async (connection) => {
      const repair = await deployment.homeward(['mailbox', 'verify', address, '--repair']);
      expect(repair).toMatchObject({ code: 0, stderr: '' });
      expect(repair.stdout).toMatch(/thing\(s\) wrong, \d+ mended\n  /);
      await expect(connection.run('SELECT INBOX')).rejects.toThrow(/hung up/);
    });
    expect((await deployment.homeward(['mailbox', 'verify', address])).code).toBe(0);
    expect(await look(address)).not.toHaveLength(0);
  });

  it('goes through all mailboxes of a site', async () => {
    const verified = await deployment.json<{ account: string }[]>(
      'mailbox',
      'verify',
      '--site',
      'dublin',
    );
    const accounts = await deployment.json<{ address: string }[]>('account', 'list');
    expect(verified.map(({ account }) => account)).toEqual(accounts.map(({ address }) => address));
  });

  it.each<[claim: string, args: readonly string[], code: number, message: RegExp]>([
    ['neither account nor site', [], EXIT_CODES.usage, /give an account, or a site/],
    ['both of them', ['x', '--site', 'dublin'], EXIT_CODES.usage, /give an account, or a site/],
    ['an unknown site', ['--site', 'x'], EXIT_CODES.refused, /no site x; see homeward site list/],
  ])('refuses %s', async (_claim, args, code, message) => {
    const result = await deployment.homeward(['mailbox', 'verify', ...args]);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(message);
  });
});

describe('homeward account delete and undelete', () => {
  it('brings an account back with its names, its password and its mail', async () => {
    const address = await deployment.addPerson('a good password');
    await deployment.run('account', 'set', address, '--name', 'other-name');
    await append(address, 1, 9);
    const before = await look(address);
    const deleted = await deployment.json<{ mailKeptUntil: string; id: string }>(
      'account',
      'delete',
      address,
      '--yes',
    );
    expect(Date.parse(deleted.mailKeptUntil) - Date.now()).toBeGreaterThan(29 * 86_400_000);
    expect(await refused('account', 'show', address)).toContain('no account');
    // What such a site keeps nobody here knows.
    const foreign = ['--imap', '127.0.0.1:1143'];
    await deployment.run('site', 'add', 'attic', ...foreign);
    const listed = await deployment.json<object[]>('account', 'list-deleted');
    expect(await refused('account', 'list-deleted', '--site', 'attic')).toContain('other software');
    expect(listed[0]).toMatchObject({ address, id: deleted.id, site: 'dublin' });
    expect(JSON.stringify(listed)).not.toContain('argon2');
    expect(await deployment.json('account', 'undelete', address)).toMatchObject({
      id: deleted.id,
      names: ['other-name'],
      enabled: true,
    });
    expect(await deployment.json('account', 'show', 'other-name')).toMatchObject({
      passwordSetAt: expect.any(String),
    });
    expect(await look(address)).toEqual(before);
    await deployment.run('site', 'delete', 'attic');
    // Hashes of secrets do not stay beside a mailbox in use.
    const names = await readdir(deployment.temp.join('mail/dublin'), { recursive: true });
    expect(names.filter((name) => name.includes(deleted.id) && name.endsWith('.json'))).toEqual([]);
  });

  it('says how an account goes whose home runs other software', async () => {
    const address = 'away@example.org';
    await deployment.run('site', 'add', 'attic', '--imap', '127.0.0.1:1143');
    await deployment.run('account', 'add', address, '--site', 'attic', '--without-password');
    expect(await refused('account', 'delete', address, '--yes')).toContain('--leave-mail');
    expect(await refused('mailbox', 'usage', address)).toContain('other software');
    await deployment.run('account', 'delete', address, '--yes', '--leave-mail');
    expect(await refused('account', 'show', address)).toContain('no account');
    await deployment.run('site', 'delete', 'attic');
  });

  it('ends sessions that are open', async () => {
    const address = await deployment.addAccount();
    await append(address, 1);
    await deployment.withOwner(address, async (connection) => {
      expect((await connection.run('SELECT INBOX')).status).toBe('OK');
      await deployment.run('account', 'delete', address, '--yes');
      const answers = async (): Promise<void> => {
        for (;;) await connection.run('FETCH 1 BODY.PEEK[]');
      };
      await expect(answers()).rejects.toThrow(/hung up/);
    });
  });

  it('deletes what has no mail, and leaves mail where that is wanted', async () => {
    const empty = await deployment.addAccount();
    expect(await deployment.run('account', 'delete', empty, '--yes')).toMatch(/which had no mail/);
    const address = await deployment.addAccount();
    await append(address, 1);
    expect(await deployment.run('account', 'delete', address, '--yes', '--leave-mail')).toMatch(
      /Its mail stays at dublin, under /,
    );
    expect(await refused('account', 'undelete', address)).toMatch(
      /no mailbox of a deleted account/,
    );
  });

  it('does not bring an account back over another that has its name', async () => {
    const address = await deployment.addAccount();
    await append(address, 1);
    await deployment.run('account', 'delete', address, '--yes');
    await deployment.run('account', 'add', address, '--site', 'dublin', '--without-password');
    expect(await refused('account', 'undelete', address)).toMatch(
      /cannot come back: .*in its way first/,
    );
    await deployment.run('account', 'delete', address, '--yes');
    await deployment.run('account', 'undelete', address);
    expect(await look(address)).toHaveLength(1);
  });

  it('deletes nothing when the site is away, and lets people in again', async () => {
    const address = await deployment.addAccount();
    await deployment.stopSite();
    const result = await deployment.homeward(['account', 'delete', address, '--yes']);
    expect(result).toMatchObject({ code: EXIT_CODES.unavailable, stdout: '' });
    expect(result.stderr).toMatch(/control port 127\.0\.0\.1:\d+: .*is its back end running/);
    expect(await deployment.json('account', 'show', address)).toMatchObject({ enabled: true });
    await deployment.startSite();
  });
});

describe('--volume', () => {
  it('does the same while the site is down, and keeps off while it runs', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    const volume = ['--volume', deployment.temp.join('mail/dublin')];
    await append(address, 1);
    expect(await refused('account', 'delete', address, '--yes', ...volume)).toMatch(
      /another process has it open; leave --volume out/,
    );
    await deployment.stopSite();
    await deployment.json('mailbox', 'backup', address, folder, ...volume);
    await deployment.json('account', 'delete', address, '--yes', ...volume);
    await deployment.json('account', 'undelete', address, ...volume);
    await deployment.json('mailbox', 'restore', address, folder, '--replace', '--yes', ...volume);
    await deployment.startSite();
    expect(await look(address)).toHaveLength(1);
  });
});

describe('the control port', () => {
  /** Asks with a certificate; the answer's status, or why there is none. */
  async function ask(pair: object, body: string): Promise<string> {
    const ca = await readFile(deployment.caFile, 'utf8');
    const sites = await deployment.json<{ workers: { controlPort: number }[] }[]>('site', 'list');
    const port = sites[0]?.workers[0]?.controlPort ?? 0;
    return new Promise((resolve) => {
      const servername = 'dublin.sites.mail.example.org';
      const headers = { 'content-type': 'application/json' };
      const options = { ...pair, ca, port, servername, method: 'POST', path: '/v1/care', headers };
      const asked = request({ ...options, host: '127.0.0.1', agent: false }, (response) => {
        response.resume();
        response.on('end', () => resolve(String(response.statusCode)));
      });
      asked.on('error', (error) => resolve(error.message));
      asked.end(body);
    });
  }

  async function issue(use: 'client' | 'server', commonName: string): Promise<object> {
    const files = { certFile: deployment.caFile, keyFile: deployment.temp.join('ca/ca.key') };
    const validity = {
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + 86_400_000),
    };
    return issueCertificate(await readPemPair(files), { use, commonName, names: [], ...validity });
  }

  const LIST = JSON.stringify({ kind: 'list-deleted' });

  it('lets the operator in, and nobody else', async () => {
    expect(await ask(await issue('client', 'operator'), LIST)).toBe('200');
    expect(await ask(await issue('client', 'frontend'), LIST)).toBe('403');
    expect(await ask({}, LIST)).toMatch(/certificate|reset|hang up|alert/i);
    expect(await ask(await issue('server', 'operator'), LIST)).toMatch(
      /certificate|reset|hang up|alert/i,
    );
  });

  it.each([
    ['', '400'],
    ['{', '400'],
    ['{}', '400'],
    [JSON.stringify({ kind: 'backup', accountId: '../../etc', target: '/tmp/x' }), '400'],
    [JSON.stringify({ kind: 'backup', accountId: 'a', target: 'relative' }), '400'],
    [JSON.stringify({ kind: 'list-deleted', more: 1 }), '400'],
    [`"${'x'.repeat(600_000)}"`, '413'],
  ])('refuses the body %.40s', async (body, status) => {
    expect(await ask(await issue('client', 'operator'), body)).toBe(status);
  });

  it('says what the operator lacks', async () => {
    const address = await deployment.addAccount();
    const operator = { certFile: 'tls/operator.crt', keyFile: 'tls/operator.key' };
    const files = {
      certFile: deployment.temp.join(operator.certFile),
      keyFile: deployment.temp.join(operator.keyFile),
    };
    const pair = await readPemPair(files);
    await rm(files.certFile);
    const backup = ['mailbox', 'backup', address, '/tmp/x'];
    expect(await deployment.homeward(backup)).toMatchObject({
      code: EXIT_CODES.configuration,
      stderr: expect.stringMatching(/control\.certFile: .*operator\.crt exists/),
    });
    await writePemPair(files, pair);
    const without = ['site', 'add', 'old', '--worker', '127.0.0.1:1:2'];
    await deployment.run(...without);
    await deployment.run('account', 'add', 'o@example.org', '--site', 'old', '--without-password');
    expect(await refused('mailbox', 'backup', 'o@example.org', '/tmp/x')).toMatch(
      /site old has no control port/,
    );
    await deployment.run('account', 'delete', 'o@example.org', '--yes', '--leave-mail');
    await deployment.run('site', 'set', 'old', '--worker', '127.0.0.1:1:2:3');
    expect(
      (await deployment.json<{ name: string; workers: object[] }[]>('site', 'list')).at(-1),
    ).toMatchObject({
      name: 'old',
      workers: [{ controlPort: 3 }],
    });
  });
});
