/** Every `homeward` command in a code block of the documentation is one that there is. */
import { readdir, readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { createSilentProgram } from './format-reference.ts';

const ROOT = new URL('../../../../', import.meta.url);

async function listPages(): Promise<readonly string[]> {
  const names = await readdir(new URL('docs/operations', ROOT));
  const pages = names.filter((name) => name.endsWith('.md'));
  return ['README.md', ...pages.map((name) => `docs/operations/${name}`)];
}

/** Lines that are commands, whole: also those of units, and of the container. */
function findCommands(page: string): readonly string[] {
  const blocks = page.matchAll(/^```\w*\n([^]*?)^```/gm);
  return [...blocks].flatMap(([, block = '']) => {
    const lines = block.replaceAll(/\\\n\s*/g, ' ').split('\n');
    const found = lines.map((line) =>
      /^(?:docker compose run --rm (?:-\S+ )*|ExecStart=\S*)?homeward (.*)$/.exec(line),
    );
    return found.flatMap((match) => (match?.[1] === undefined ? [] : [match[1]]));
  });
}

/** As a shell splits it, without what it would do beside. */
function splitWords(command: string): readonly string[] {
  const own = command.replace(/\s(?:#|[<>|&]).*$/, '');
  const words = own.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g);
  return [...words].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}

/** @returns What the command line says of it; undefined if nothing. */
async function findFault(words: readonly string[]): Promise<string | undefined> {
  const faults: string[] = [];
  const complain = (text: string): unknown => faults.push(text);
  const program = createSilentProgram({ complain });
  doNothing(program);
  await program.parseAsync([...words], { from: 'user' }).catch(() => undefined);
  return faults[0];
}

function doNothing(command: Command): void {
  if (command.commands.length === 0) command.action(() => {});
  for (const below of command.commands) doNothing(below);
}

it('homeward takes every command that a code block of the documentation shows', async () => {
  const faults: string[] = [];
  let count = 0;
  for (const page of await listPages()) {
    for (const command of findCommands(await readFile(new URL(page, ROOT), 'utf8'))) {
      count += 1;
      const fault = await findFault(splitWords(command));
      if (fault !== undefined) faults.push(`${page}: homeward ${command}: ${fault}`);
    }
  }
  expect(faults).toEqual([]);
  expect(count).toBeGreaterThan(100);
});
