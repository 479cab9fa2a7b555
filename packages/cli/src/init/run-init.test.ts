/** `homeward init` as a process: what it makes, and that it is safe to run again. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backEndConfigSchema } from '@homeward/backend';
import { openDirectory, type SiteRecord } from '@homeward/directory';
import { FRONT_END_CONFIG } from '@homeward/frontend';
import { loadConfig } from '@homeward/service';
import {
  createTempFolder,
  startPrivateRedis,
  startRedis,
  startRedisCluster,
  startRedisSentinels,
  type TempFolder,
} from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { type CommandResult, createCommandRunner, runHomeward } from '../testing/run-homeward.ts';

const runner = createCommandRunner();

let temp: TempFolder;

beforeEach(async () => {
  temp = await createTempFolder('init');
});
afterEach(() => temp.remove());

function init(...args: readonly string[]): Promise<CommandResult> {
  return runner(['init', '--folder', temp.join('d'), ...args]);
}

const TWO_SITES = ['--hostname', 'mail.example.org', '--site', 'dublin', '--site', 'oslo'];

async function readSnapshot(): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(temp.join('d'), { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile() && !one.name.startsWith('directory.db'));
  const entries = files.map(async (one) => {
    const path = join(one.parentPath, one.name);
    return [path, await readFile(path, 'utf8')] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function listSites(): Promise<readonly SiteRecord[]> {
  const driver = await openDirectory({ file: temp.join('d/directory.db') });
  try {
    return await driver.listSites();
  } finally {
    await driver.close();
  }
}

describe('homeward init', () => {
  it('makes files that the services take, with everything off and said so', async () => {
    const { code, stdout, stderr } = await init(...TWO_SITES);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('IMAP, POP3 and SUBMISSION: OFF');
    const frontEnd = await loadConfig({
      schema: FRONT_END_CONFIG,
      file: temp.join('d/frontend.yaml'),
      environment: {},
    });
    expect(frontEnd).toMatchObject({
      ok: true,
      warnings: [],
      config: {
        imap: { enabled: false },
        pop3: { enabled: false },
        tls: { ticketKeysFile: temp.join('d/tls/ticket-keys') },
      },
    });
    for (const site of ['dublin', 'oslo']) {
      const file = temp.join(`d/backend-${site}.yaml`);
      const backEnd = await loadConfig({ schema: backEndConfigSchema, file, environment: {} });
      expect(backEnd).toMatchObject({ ok: true, warnings: [], config: { site } });
    }
  });

  it('turns protocols on when asked', async () => {
    const { stdout } = await init(...TWO_SITES, '--protocols', 'imap');
    expect(stdout).toContain('POP3 and SUBMISSION: OFF');
    expect(stdout).not.toContain('IMAP, POP3 and SUBMISSION: OFF');
    const text = await readFile(temp.join('d/frontend.yaml'), 'utf8');
    expect(text).toMatch(/imap:\n {2}enabled: true[^]*pop3:\n[^]*enabled: false/);
  });

  it('says of protocols what the directory says, where it says it', async () => {
    await init(...TWO_SITES);
    const driver = await openDirectory({ file: temp.join('d/directory.db') });
    await driver.setSetting('imap.enabled', true);
    await driver.setSetting('pop3.enabled', false);
    await driver.close();
    const { stdout } = await init('--frontend', 'two', '--protocols', 'pop3,submission');
    expect(stdout).toMatch(/^POP3: OFF, clients/m);
    expect(stdout).toContain('account add anna@example.org --site dublin');
  });

  it('keeps secrets for their owner', async () => {
    await init(...TWO_SITES);
    const files = [
      'ca/ca.key',
      'tls/frontend.key',
      'tls/ticket-keys',
      'tls/site-dublin.key',
      'keys/frontend.key',
      'keys/operator.key',
      'directory.db',
    ];
    for (const file of files) {
      const { mode } = await stat(temp.join('d', file));
      expect(`${file} ${(mode & 0o777).toString(8)}`).toBe(`${file} 600`);
    }
  });

  it('gives a site a certificate for its own name and for the public one', async () => {
    await init(...TWO_SITES);
    const read = async (file: string): Promise<X509Certificate> =>
      new X509Certificate(await readFile(temp.join('d', file)));
    const authority = await read('ca/ca.crt');
    const site = await read('tls/site-oslo.crt');
    expect(site.verify(authority.publicKey)).toBe(true);
    expect(site.checkHost('mail.example.org')).toBeDefined();
    expect(site.checkHost('oslo.sites.mail.example.org')).toBeDefined();
    expect(site.checkHost('dublin.sites.mail.example.org')).toBeUndefined();
    expect((await read('tls/frontend.crt')).checkHost('mail.example.org')).toBeDefined();
  });

  it('run again changes nothing', async () => {
    await init(...TWO_SITES);
    const [before, sites] = [await readSnapshot(), await listSites()];
    const { code, stdout } = await init(...TWO_SITES);
    expect(code).toBe(0);
    expect(stdout).toContain('Everything was there already; nothing was changed.');
    expect(await readSnapshot()).toEqual(before);
    expect(await listSites()).toEqual(sites);
  });

  it('run again completes what is missing, as the directory has it', async () => {
    await init(...TWO_SITES, '--workers', '2');
    const before = await readSnapshot();
    await rm(temp.join('d/backend-oslo.yaml'));
    await rm(temp.join('d/frontend.yaml'));
    const { stdout } = await init('--site', 'dublin', '--site', 'oslo', '--site', 'galway');
    expect(await readSnapshot()).toMatchObject(before);
    expect(stdout).toContain('made  tls/site-galway.crt');
    const sites = await listSites();
    const ports = sites.flatMap(({ workers }) => workers.map(({ imapsPort }) => imapsPort));
    // On one host no port is given twice.
    expect(new Set(ports).size).toBe(5);
  });

  it('makes TLS ticket keys once, for all front ends, and says how new ones are made', async () => {
    const args = [...TWO_SITES, '--frontend', 'one', '--frontend', 'two'];
    const { stdout } = await init(...args);
    const file = temp.join('d/tls/ticket-keys');
    const keys = await readFile(file);
    expect(keys).toHaveLength(48);
    for (const name of ['one', 'two']) {
      const config = await readFile(temp.join(`d/frontend-${name}.yaml`), 'utf8');
      expect(config).toContain('\n  ticketKeysFile: tls/ticket-keys\n');
    }
    // What it says is what a shell does.
    const [command = ''] = /\(umask .*\)/.exec(stdout) ?? [];
    execFileSync('sh', ['-c', command]);
    const renewed = await readFile(file);
    expect(renewed).toHaveLength(48);
    expect(renewed.equals(keys)).toBe(false);
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
    expect((await init(...args)).stdout).toContain('nothing was changed');
    expect((await readFile(file)).equals(renewed)).toBe(true);
    await rm(file);
    expect((await init(...args)).stdout).toMatch(
      /made {2}tls\/ticket-keys[^]*frontend-one\.yaml, frontend-two\.yaml: was there before/,
    );
  });

  it('tells the directory of domains, and adds to those that are there', async () => {
    const without = await init(...TWO_SITES);
    expect(without.stdout).toContain('homeward domain add example.org  #');
    const config = temp.join('d/homeward.yaml');
    const relay = ['domain', 'add', 'example.net', '--kind', 'internal-relay'];
    await runHomeward([...relay, '--config', config]);
    const args = ['--domain', 'Example.ORG', '--domain', 'example.net'];
    const { stdout } = await init(...TWO_SITES, ...args);
    expect(stdout).toContain('told the directory that all mail of example.org is here');
    expect(stdout).not.toContain('homeward domain add');
    const listed = await runHomeward(['domain', 'list', '--json', '--config', config]);
    expect(JSON.parse(listed.stdout)).toEqual({
      'example.net': 'internal-relay',
      'example.org': 'authoritative',
    });
    expect((await init(...TWO_SITES, ...args)).stdout).toContain('nothing was changed');
  });

  it('refuses what is no domain before it makes anything', async () => {
    const { code, stderr } = await init(...TWO_SITES, '--domain', 'a b');
    expect(code).toBe(EXIT_CODES.usage);
    expect(stderr).toContain('a b is no domain');
    await expect(stat(temp.join('d/homeward.yaml'))).rejects.toThrow('ENOENT');
  });

  it('has a key for each front end', async () => {
    const { stdout } = await init(...TWO_SITES, '--frontend', 'one', '--frontend', 'two', '--json');
    const { made } = JSON.parse(stdout) as { made: { files: string[]; keys: string[] } };
    expect(made.keys).toEqual(['front end one', 'front end two', 'operator']);
    expect(made.files).toContain('frontend-two.yaml');
  });

  it('puts the directory into Redis, its password into a file', async () => {
    await using redis = await startRedis();
    await writeFile(temp.join('password'), '');
    const args = ['--redis', redis.url, '--redis-prefix', redis.keyPrefix];
    expect(await init(...TWO_SITES, ...args)).toMatchObject({ code: 0, stderr: '' });
    const config = temp.join('d/homeward.yaml');
    const listed = await runHomeward(['site', 'list', '--json', '--config', config]);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'dublin' }, { name: 'oslo' }]);
    expect(await runHomeward(['config', 'check', '--config', config])).toMatchObject({ code: 0 });
  });

  it('makes a deployment on a Sentinel group, each password in a file of its own', async () => {
    const password = 'secret-for-tests';
    await using group = await startRedisSentinels(password);
    await group.waitUntilWhole();
    await writeFile(temp.join('password'), password);
    const files = ['--redis-password-file', '--redis-sentinel-password-file'];
    const args = files.flatMap((option) => [option, temp.join('password')]);
    expect(await init(...TWO_SITES, '--redis', group.url, ...args)).toMatchObject({
      code: 0,
      stderr: '',
    });
    const config = temp.join('d/homeward.yaml');
    const listed = await runHomeward(['site', 'list', '--json', '--config', config]);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'dublin' }, { name: 'oslo' }]);
  });

  it('makes a deployment on a Cluster, and says when one of its nodes was named alone', async () => {
    await using cluster = await startRedisCluster({ hasReplicas: false });
    await cluster.waitUntilWhole();
    const [node = ''] = cluster.url.replace('redis+cluster://', '').split(',');
    const alone = await init(...TWO_SITES, '--redis', `redis://${node}`);
    expect(alone.code).toBe(EXIT_CODES.unavailable);
    expect(alone.stderr).toMatch(/node of a Cluster.*redis\+cluster:/);
    expect(await init(...TWO_SITES, '--redis', cluster.url)).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['redis+sentinel://localhost:26379', /ends in the name of the main/],
    ['http://localhost', /looks like redis:/],
    ['redis://:secret@localhost', /--redis-password-file/],
  ])('refuses %s, and says what is wrong', async (url, why) => {
    const refused = await init(...TWO_SITES, '--redis', url);
    expect(refused.code).toBe(EXIT_CODES.usage);
    expect(refused.stderr).toMatch(why);
    expect(refused.stderr).not.toContain('secret@');
  });

  it('founds no other directory where Redis lost it, unless it is asked to', async () => {
    await using redis = await startPrivateRedis();
    await init(...TWO_SITES, '--redis', redis.url);
    await redis.restart();
    const config = temp.join('d/homeward.yaml');
    const refusal = { code: EXIT_CODES.unavailable, stderr: /directory-empty: .*--new-directory/ };
    const listed = await runHomeward(['site', 'list', '--config', config]);
    expect(listed).toMatchObject({ code: refusal.code });
    expect(listed.stderr).toMatch(refusal.stderr);
    const again = await init(...TWO_SITES);
    expect(again).toMatchObject({ code: refusal.code });
    expect(again.stderr).toMatch(refusal.stderr);
    const founded = await init(...TWO_SITES, '--new-directory');
    expect(founded).toMatchObject({ code: 0, stderr: '' });
    expect(founded.stdout).toContain('told the directory of the site oslo');
  });

  test.each([
    ['another hostname', ['--hostname', 'other.example.org'], /the deployment's hostname is/],
  ])('run again refuses %s', async (_claim, args, expected) => {
    await init(...TWO_SITES);
    const { code, stderr } = await init(...args);
    expect(code).toBe(EXIT_CODES.refused);
    expect(stderr).toMatch(expected);
  });

  it('does not make half a pair of certificate and key whole', async () => {
    await init(...TWO_SITES);
    await rm(temp.join('d/tls/site-oslo.key'));
    const { code, stderr } = await init(...TWO_SITES);
    expect(code).toBe(EXIT_CODES.badData);
    expect(stderr).toMatch(/site-oslo\.crt is there but .*site-oslo\.key is not/);
  });

  it('says so when it may not write', async () => {
    await writeFile(temp.join('d'), 'a file');
    const { code, stderr } = await init(...TWO_SITES);
    expect(code).toBe(EXIT_CODES.cannotCreate);
    expect(stderr).toMatch(/^homeward: .* cannot be written \(EEXIST\)/);
  });
});
