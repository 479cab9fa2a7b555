import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  connectionLimitsSchema,
  describeConfig,
  directorySchema,
  type Environment,
  environmentName,
  formatConfigProblem,
  listenerSchema,
  loadConfig,
  type LoadedConfig,
  loggingSchema,
  opsSchema,
  readSecretFile,
  serverTlsSchema,
} from './index.ts';

const schema = z.strictObject({
  imap: z.strictObject({ listeners: z.array(listenerSchema).default([]) }).prefault({}),
  tls: serverTlsSchema.optional(),
  directory: directorySchema.optional(),
  connectionLimits: connectionLimitsSchema,
  logging: loggingSchema,
  ops: opsSchema,
  banner: z.string().default('ready').meta({ description: 'Greeting text.' }),
});
type Config = z.output<typeof schema>;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(yaml: string, environment: Environment = {}): Promise<LoadedConfig<Config>> {
  const file = join(folder, 'homeward.yaml');
  await writeFile(file, yaml);
  return loadConfig({ schema, file, environment });
}

/** The problems as an operator reads them, the folder left out. */
async function problems(yaml: string, environment: Environment = {}): Promise<readonly string[]> {
  const loaded = await load(yaml, environment);
  if (loaded.ok) return [];
  return loaded.problems.map((one) => formatConfigProblem(one).replaceAll(`${folder}/`, ''));
}

async function config(yaml: string, environment: Environment = {}): Promise<Config> {
  const loaded = await load(yaml, environment);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatConfigProblem).join('\n'));
  return loaded.config;
}

describe('loadConfig()', () => {
  test('fills in defaults, Exchange’s where it has them', async () => {
    expect(await config('')).toMatchObject({
      imap: { listeners: [] },
      connectionLimits: { total: 2_147_483_647, perUser: 16 },
      logging: { level: 'info', format: 'auto' },
      ops: { enabled: false },
    });
  });

  test('works without a file', async () => {
    const environment = { HOMEWARD_LOGGING_LEVEL: 'warn' };
    const loaded = await loadConfig({ schema, file: undefined, environment });
    expect(loaded.ok && loaded.config.logging.level).toBe('warn');
  });

  test.each([
    [
      'connectionLimts:\n  perUser: 5\n',
      'homeward.yaml:1:1: connectionLimts: is not a known key. Did you mean connectionLimits?',
    ],
    [
      '\nconnectionLimits:\n  peruser: 5\n',
      'homeward.yaml:3:3: connectionLimits.peruser: is not a known key. Did you mean perUser?',
    ],
    [
      'ops:\n  zzz: 1\n',
      'homeward.yaml:2:3: ops.zzz: is not a known key. Known here: enabled, host, port.',
    ],
    [
      'connectionLimits:\n  perUser: many\n',
      'homeward.yaml:2:3: connectionLimits.perUser: has the wrong type. Write integer 1 to 2147483647. It is: sessions of one account, over all front ends.',
    ],
    [
      'connectionLimits:\n  perUser: 0\n',
      'homeward.yaml:2:3: connectionLimits.perUser: is too small. Write integer 1 to 2147483647.',
    ],
    [
      'imap:\n  listeners:\n    - port: 143\n      tls: maybe\n',
      'homeward.yaml:4:7: imap.listeners[0].tls: has a value that is not possible here. Write one of implicit, starttls, none.',
    ],
    [
      'imap:\n  listeners:\n    - port: 143\n    - host: "::1"\n',
      'homeward.yaml:4:7: imap.listeners[1].port: is missing. Add it: integer 0 to 65535. It is: TCP port; 0 lets the system choose one.',
    ],
    [
      'directory:\n  driver: mysql\n',
      'homeward.yaml:2:3: directory.driver: has a value that is not possible here. Write one of redis, embedded.',
    ],
    [
      'directory:\n  driver: redis\n  url: localhost\n',
      'homeward.yaml:3:3: directory.url: is no address of a Redis. Write it like redis://10.0.0.7:6379/0, or rediss:// for TLS.',
    ],
    ['a: [1\nb: 2\n', 'homeward.yaml:2:1: is not valid YAML: BAD_INDENT'],
    ['- a\n- b\n', 'homeward.yaml: has the wrong type.'],
    ['ops: {port: 1, port: 2}\n', 'homeward.yaml:1:16: is not valid YAML: DUPLICATE_KEY'],
  ])('says of %j what is wrong, where, and what to do', async (yaml, problem) => {
    const found = await problems(yaml);
    expect(found[0]).toContain(problem);
  });

  test('tells all problems at once', async () => {
    expect(await problems('zzz: 1\nops:\n  port: 70000\n  enabled: 3\n')).toHaveLength(3);
  });

  test('does not repeat values, which may be secrets', async () => {
    const found = await problems(
      'directory:\n  driver: redis\n  url: hunter2\nbanner: [hunter2]\n',
    );
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).not.toContain('hunter2');
  });

  test('says that a file is not there, or too big', async () => {
    const absent = await loadConfig({ schema, file: join(folder, 'absent'), environment: {} });
    expect(!absent.ok && absent.problems[0]?.problem).toBe('cannot be read (ENOENT)');
    expect((await problems(`banner: ${'x'.repeat(2_000_000)}`))[0]).toContain('is too big');
  });
});

describe('loadConfig() files', () => {
  const tls = 'tls:\n  certificates:\n    - certFile: a.crt\n      keyFile: a.key\n';

  test('finds them from the configuration’s folder and warns of keys that all can read', async () => {
    await writeFile(join(folder, 'a.crt'), 'x');
    await writeFile(join(folder, 'a.key'), 'x');
    await chmod(join(folder, 'a.key'), 0o644);
    const loaded = await load(tls);
    if (!loaded.ok) return expect.unreachable();
    expect(loaded.config.tls?.certificates[0]?.certFile).toBe(join(folder, 'a.crt'));
    expect(loaded.warnings).toHaveLength(1);
    expect(loaded.warnings[0]).toContain('tls.certificates[0].keyFile: everybody');
    await chmod(join(folder, 'a.key'), 0o600);
    expect((await load(tls)).ok && (await load(tls))).toMatchObject({ warnings: [] });
    return undefined;
  });

  test('finds a file that is yet to be made from there too', async () => {
    const yaml = 'directory: { driver: embedded, path: data/directory.db }\n';
    const loaded = await config(yaml);
    expect(loaded.directory).toEqual({
      driver: 'embedded',
      path: join(folder, 'data/directory.db'),
    });
    const overridden = await config(yaml, { HOMEWARD_DIRECTORY_PATH: '/srv/directory.db' });
    expect(overridden.directory).toMatchObject({ path: '/srv/directory.db' });
  });

  test('leaves alone what only looks like a path', async () => {
    const loaded = await config('directory: { driver: redis, url: "redis://a/0", keyPrefix: a }\n');
    expect(loaded.directory).toMatchObject({ keyPrefix: 'a', url: 'redis://a/0' });
  });

  test('warns of ticket keys that all can read', async () => {
    await writeFile(join(folder, 'tickets'), 'x');
    await chmod(join(folder, 'tickets'), 0o644);
    const loaded = await load(`${tls}  ticketKeysFile: tickets\n`);
    expect(loaded.ok && loaded.warnings).toEqual([
      expect.stringContaining('tls.ticketKeysFile: everybody on this host can read'),
    ]);
  });

  test('says which key names a file that is not there', async () => {
    await rm(join(folder, 'a.key'));
    const [problem] = await problems(tls);
    expect(problem).toMatch(
      /^homeward\.yaml:4:7: tls\.certificates\[0\]\.keyFile: names a file that cannot be read \(ENOENT\)/,
    );
  });

  test('reads a secret without its line feed', async () => {
    const file = join(folder, 'secret');
    await writeFile(file, ' hunter2 \n');
    expect(await readSecretFile(file)).toBe(' hunter2 ');
  });
});

describe('loadConfig() environment', () => {
  test('overrides the file, key by key, and whole sections as YAML', async () => {
    const loaded = await config('connectionLimits: {perUser: 5, total: 7}\nbanner: a\n', {
      HOMEWARD_CONNECTION_LIMITS_PER_USER: '9',
      HOMEWARD_BANNER: '42',
      HOMEWARD_IMAP_LISTENERS: '[{port: 143, tls: none}]',
      HOMEWARD_OPS: '{enabled: true, port: 1}',
      HOMEWARD_OPS_PORT: '2',
      HOMEWARD_LOGGING_LEVEL: '',
    });
    expect(loaded.connectionLimits).toMatchObject({ perUser: 9, total: 7 });
    expect(loaded.banner).toBe('42');
    expect(loaded.imap.listeners).toEqual([{ host: '::', port: 143, tls: 'none' }]);
    expect(loaded.ops).toMatchObject({ enabled: true, port: 2 });
    expect(loaded.logging.level).toBe('info');
  });

  test('names the variable that is wrong', async () => {
    expect(await problems('', { HOMEWARD_OPS_PORT: 'x' })).toEqual([
      'HOMEWARD_OPS_PORT: ops.port: has the wrong type. Write integer 0 to 65535. It is: TCP port; 0 lets the system choose one.',
    ]);
  });

  test('warns of variables that it does not know, but not of tests’ and others’', async () => {
    const loaded = await load('', {
      HOMEWARD_OPS_PROT: '1',
      HOMEWARD_TEST_REDIS_URL: 'x',
      PATH: '/bin',
    });
    expect(loaded.ok && loaded.warnings).toEqual([
      'the environment variable HOMEWARD_OPS_PROT is no setting of this service; did you mean HOMEWARD_OPS_PORT?',
    ]);
  });

  test.each([
    [['logging', 'level'], 'HOMEWARD_LOGGING_LEVEL'],
    [['connectionLimits', 'perUser'], 'HOMEWARD_CONNECTION_LIMITS_PER_USER'],
    [['tls', 'minVersion'], 'HOMEWARD_TLS_MIN_VERSION'],
  ])('environmentName(%j) is %s', (path, name) => {
    expect(environmentName(path)).toBe(name);
  });
});

describe('describeConfig()', () => {
  test('tells key, type, default, help, Exchange’s name and the variable', () => {
    expect(describeConfig(schema).find(({ key }) => key === 'connectionLimits.perUser')).toEqual({
      key: 'connectionLimits.perUser',
      type: 'integer 1 to 2147483647',
      isRequired: false,
      defaultValue: 16,
      help: 'Sessions of one account, over all front ends.',
      exchangeName: 'MaxConnectionsPerUser',
      environmentName: 'HOMEWARD_CONNECTION_LIMITS_PER_USER',
      restart: undefined,
      isReread: false,
    });
  });

  test('lists what is inside lists and variants, each key once', () => {
    const keys = describeConfig(schema).map(({ key }) => key);
    expect(keys).toContain('imap.listeners[].port');
    expect(keys).toContain('directory.driver');
    expect(keys).toContain('directory.url');
    expect(keys).toContain('directory.path');
    expect(new Set(keys).size).toBe(keys.length);
    const driver = describeConfig(schema).find(({ key }) => key === 'directory.driver');
    expect(driver?.type).toBe('redis or embedded');
  });

  test('has help for every key', () => {
    const own = new Set(['imap.listeners']);
    for (const { key, help } of describeConfig(schema)) {
      if (!own.has(key)) expect([key, help]).toEqual([key, expect.any(String)]);
    }
  });
});
