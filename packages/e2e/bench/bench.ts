/**
 * `npm run bench -- [backend|frontend] [OPTIONS]`: measures one half, or both, one after the
 * other. What the options are, each half says itself (`--help`).
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HALVES = ['frontend', 'backend'] as const;

const [first = '', ...rest] = process.argv.slice(2);
const chosen = HALVES.filter((half) => half === first);
const halves = chosen.length > 0 ? chosen : HALVES;
const args = chosen.length > 0 ? rest : process.argv.slice(2);
for (const half of halves) {
  const script = fileURLToPath(new URL(`${half}-bench.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
