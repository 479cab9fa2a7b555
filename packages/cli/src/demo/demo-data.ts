/** What the demo keeps in its folder beside a deployment's own files: mode 600, one at a time. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { DEPLOYMENT_FILES } from '../init/deployment-plan.ts';
import { cannotWrite } from '../init/write-new-file.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { replaceFile } from '../output/replace-file.ts';
import type { DemoAccount } from './demo-accounts.ts';

const STATE_FILE = 'demo.json';
const LOCK_FILE = 'demo.pid';

/** Of an earlier run with `--data`. */
export interface DemoState {
  readonly sites: readonly string[];
  readonly redisUrl?: string | undefined;
  readonly keyPrefix: string;
  readonly accounts: readonly DemoAccount[];
}

const stateSchema: z.ZodType<DemoState> = z.strictObject({
  sites: z.array(z.string()),
  redisUrl: z.string().optional(),
  keyPrefix: z.string(),
  accounts: z.array(
    z.strictObject({
      role: z.string(),
      address: z.string(),
      displayName: z.string(),
      password: z.string(),
      site: z.string(),
      hasMail: z.boolean(),
    }),
  ),
});

export interface DemoFolder {
  /** Absolute. */
  readonly path: string;
  readonly isTemporary: boolean;
  /** Undefined at the first run. */
  readonly state: DemoState | undefined;
  saveState(state: DemoState): Promise<void>;
  /** Removes a temporary folder, leaves another for the next run. */
  close(): Promise<void>;
}

/** @throws OperatorError if it cannot be used, or another demo uses it. */
export async function openDemoFolder(data: string | undefined): Promise<DemoFolder> {
  const isTemporary = data === undefined;
  const path = isTemporary ? await mkdtemp(join(tmpdir(), 'homeward-demo-')) : resolve(data);
  if (!isTemporary) {
    await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
  }
  const state = await readState(path);
  if (state === undefined && existsSync(join(path, DEPLOYMENT_FILES.operatorConfig))) {
    throw new OperatorError(
      `${path} is a deployment, which a demo would spoil; give another --data`,
      EXIT_CODES.refused,
    );
  }
  if (!isTemporary) await takeLock(path);
  return {
    path,
    isTemporary,
    state,
    saveState: (state) => replaceFile(join(path, STATE_FILE), JSON.stringify(state, undefined, 2)),
    close: () =>
      isTemporary
        ? rm(path, { recursive: true, force: true, maxRetries: 5 })
        : rm(join(path, LOCK_FILE), { force: true }),
  };
}

async function readState(folder: string): Promise<DemoState | undefined> {
  const file = join(folder, STATE_FILE);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = stateSchema.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  throw new OperatorError(
    `${file} is not what a demo has written; give another --data`,
    EXIT_CODES.badData,
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A lock of a process that is gone counts for nothing. */
async function takeLock(folder: string): Promise<void> {
  const file = join(folder, LOCK_FILE);
  const owner = Number(await readFile(file, 'utf8').catch(() => ''));
  if (owner > 0 && owner !== process.pid && isRunning(owner)) {
    throw new OperatorError(
      `process ${owner} runs a demo on ${folder}; stop it, or give another --data`,
      EXIT_CODES.startFailed,
    );
  }
  await replaceFile(file, String(process.pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
