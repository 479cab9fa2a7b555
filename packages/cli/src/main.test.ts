/** The `homeward` command as a process: usage, exit codes, help, the launcher. */
import { createTempFolder } from '@homeward/testkit';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, test } from 'vitest';
import { EXIT_CODES } from './output/operator-error.ts';
import { LAUNCHER, runHomeward } from './testing/run-homeward.ts';

describe('homeward', () => {
  it('without arguments explains itself', async () => {
    const { code, stdout, stderr } = await runHomeward([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const word of ['demo', 'init', 'account', 'Exit codes:']) expect(stdout).toContain(word);
  });

  it.each([
    ['frontend', '--max-semi-space-size=8,--expose-gc'],
    ['backend', '--max-semi-space-size=8'],
  ])('starts a %s anew once, with flags of V8', async (command, flag) => {
    const tell = "data:text/javascript,console.error('flags:'+process.execArgv)";
    const env = { NODE_OPTIONS: `--import=${tell}` };
    const { code, stderr } = await runHomeward([command, '--help'], { env });
    expect({ code, flags: stderr.match(/(?<=flags:).*/g) }).toEqual({
      code: 0,
      flags: ['', flag],
    });
  });

  /** What a command loads: modules of other packages, and libraries. */
  async function listLoaded(args: readonly string[], cwd?: string): Promise<readonly string[]> {
    const watch = `import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, next) { console.error('loads ' + url); return next(url, context); } });`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(watch)}` };
    const { stderr } = await runHomeward(args, { env, ...(cwd !== undefined && { cwd }) });
    const loaded = stderr.match(
      /(?<=^loads file:.*\/packages\/)(?!cli\/).*$|(?<=\/node_modules\/)[^/]+/gm,
    );
    return [...new Set(loaded)].sort();
  }

  it('loads what a command needs only when that runs', async () => {
    expect(await listLoaded(['--help'])).toEqual([
      'commander',
      'directory/src/kinds.ts',
      'login-guards/src/access/rule-words.ts',
      'service/src/config/process-environment.ts',
    ]);
  });

  it('loads no service and no metrics for a command that only asks the directory', async () => {
    await using folder = await createTempFolder('nothing');
    const loaded = await listLoaded(['account', 'list'], folder.path);
    expect(loaded).toContain('directory/src/index.ts');
    const heavy = /^(frontend|backend|imap)\/|prom-client|opentelemetry/;
    expect(loaded.filter((name) => heavy.test(name))).toEqual([]);
  });

  test.each([['--version'], ['-V']])('%s prints the version alone', async (option) => {
    const { code, stdout } = await runHomeward([option]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [
      ['acount'],
      /^homeward: unknown command 'acount' \(Did you mean account\?\); see homeward help\n$/,
    ],
    [['account', 'lst'], /\(Did you mean list\?\); see homeward account --help$/m],
    [
      ['account', 'list', '--jso'],
      /unknown option '--jso' \(Did you mean --json\?\); see homeward account list --help$/m,
    ],
    [['account', 'show'], /missing required argument 'account'/],
    [['config', 'describe', 'x'], /operator; see homeward config describe --help$/m],
    [['account', 'add', 'a@example.org'], /required option '--site <name>' not specified/],
    [
      ['account', 'add', 'a@example.org', '--site', 'x', '--kind', 'king'],
      /Allowed choices are user/,
    ],
    [['demo', '--accounts', '0'], /Give a number from 1 on/],
    [['demo', '--sites', 'Dublin'], /is no site name/],
    [['init', '--folder', 'x'], /--hostname is needed/],
    [['init', '--folder', 'x', '--hostname', '127.0.0.1'], /is no host name/],
    [['init', '--folder', 'x', '--hostname', 'h', '--site', 'A B'], /is no site/],
    [
      ['init', '--folder', 'x', '--hostname', 'h', '--redis', 'redis://:pw@h'],
      /--redis-password-file/,
    ],
    [
      ['init', '--folder', 'x', '--hostname', 'h', '--protocols', 'imap,pop'],
      /"pop" is not one of/,
    ],
  ])('%j is refused in one line', async (args, expected) => {
    await using folder = await createTempFolder('usage');
    const { code, stdout, stderr } = await runHomeward(args, { cwd: folder.path });
    expect({ code, stdout }).toEqual({ code: EXIT_CODES.usage, stdout: '' });
    expect(stderr).toMatch(expected);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says where it looked for a deployment', async () => {
    await using folder = await createTempFolder('nothing');
    const { code, stderr } = await runHomeward(['account', 'list'], { cwd: folder.path });
    expect(code).toBe(EXIT_CODES.configuration);
    expect(stderr).toMatch(/^homeward: there is no homeward\.yaml here; .*homeward init\n$/);
  });

  it('names every problem of a service’s configuration', async () => {
    const { code, stderr } = await runHomeward(['backend', '--config', '/nowhere/b.yaml']);
    expect(code).toBe(EXIT_CODES.configuration);
    expect(stderr).toContain('/nowhere/b.yaml: cannot be read (ENOENT)');
  });

  it('takes --env-file for its own, not Node.js’s', async () => {
    const { code, stderr } = await runHomeward(['account', 'list', '--env-file', '/nowhere/x']);
    expect(code).toBe(EXIT_CODES.usage);
    expect(stderr).toContain("unknown option '--env-file'");
  });

  it('started by its first line does so as well', async () => {
    const child = spawn(LAUNCHER, ['account', 'list', '--env-file', '/nowhere/x']);
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(EXIT_CODES.usage);
  });

  it('ends in silence when nobody reads on', async () => {
    const child = spawn('sh', ['-c', `"${process.execPath}" "${LAUNCHER}" help demo | head -1`]);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await once(child, 'close');
    expect(stderr).toBe('');
  });
});
