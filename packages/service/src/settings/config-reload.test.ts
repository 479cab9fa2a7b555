import { expect, it } from 'vitest';
import { z } from 'zod';
import { help, type LoadedConfig, restart } from '../config/index.ts';
import { ConfigReload } from './config-reload.ts';

interface Config {
  readonly name: string;
  readonly limits: { readonly total: number };
  readonly doors: readonly { readonly port: number }[];
  readonly store: { readonly url: string; readonly password: string };
}
const schema: z.ZodType<Config> = z.strictObject({
  name: z.string().meta({ ...help('Its name.'), ...restart('it is said at the start') }),
  limits: z.strictObject({ total: z.number() }),
  doors: z.array(z.strictObject({ port: z.number() })).meta(restart('they are opened then')),
  store: z
    .strictObject({ url: z.string(), password: z.string() })
    .meta({ ...help('Where.'), ...restart('it is opened then') }),
});
const RUNNING: Config = {
  name: 'one',
  limits: { total: 1 },
  doors: [{ port: 1 }],
  store: { url: 'a', password: 'b' },
};

async function reload(loaded: LoadedConfig<Config>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const reloading = new ConfigReload({
    schema,
    running: RUNNING,
    read: () => Promise.resolve(loaded),
    apply: ({ limits }) => void seen.push(limits.total),
    log: { log: (name, fields) => void seen.push([name, fields]) },
  });
  await reloading.reload();
  return seen;
}
const good = (changes: Partial<Config>): LoadedConfig<Config> => ({
  ok: true,
  config: { ...RUNNING, ...changes },
  warnings: [],
});

it('ConfigReload applies what is live, and names what is not', async () => {
  expect(await reload(good({ limits: { total: 2 } }))).toEqual([
    2,
    ['configuration.reloaded', { needsRestart: [] }],
  ]);
  const changes = { name: 'two', doors: [{ port: 2 }], store: { url: 'x', password: 'b' } };
  expect(await reload(good(changes))).toEqual([
    1,
    ['configuration.reloaded', { needsRestart: ['name', 'doors', 'store'] }],
  ]);
});

it('ConfigReload changes nothing for a file that is wrong', async () => {
  const problem = {
    source: 'f.yaml',
    line: 1,
    column: 1,
    key: 'name',
    problem: 'is no',
    remedy: 'x.',
  };
  expect(await reload({ ok: false, problems: [problem] })).toEqual([
    ['configuration.rejected', { problems: [expect.stringContaining('f.yaml:1:1: name: is no')] }],
  ]);
});
