/**
 * `npm run bench -- [frontend|backend|mail] [OPTIONS]`: measures one of them, or all, one
 * after the other. What the options are, each says itself (`--help`).
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PARTS = ['frontend', 'backend', 'mail'] as const;

const [first = '', ...rest] = process.argv.slice(2);
const chosen = PARTS.filter((part) => part === first);
const parts = chosen.length > 0 ? chosen : PARTS;
const args = chosen.length > 0 ? rest : process.argv.slice(2);
for (const part of parts) {
  const script = fileURLToPath(new URL(`${part}-bench.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
