import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createSilentProgram } from '../reference/format-reference.ts';
import { narrowText } from './narrow-help.ts';

function withItsOwn(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withItsOwn)];
}

test('narrowHelp keeps the help of every command within 80 columns', () => {
  const commands = withItsOwn(createSilentProgram());
  expect(commands.length).toBeGreaterThan(50);
  const lines = commands.flatMap((command) => command.helpInformation().split('\n'));
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

test('explanations below the options do so as well; examples stay in one line', () => {
  const lines: string[] = [];
  const print = (text: string): void => void lines.push(...text.split('\n'));
  const commands = withItsOwn(createSilentProgram({ print }));
  for (const command of commands) command.outputHelp();
  expect(lines.length).toBeGreaterThan(1_000);
  expect(lines.filter((line) => line.length > 80 && !line.startsWith('  '))).toEqual([]);
});

test('narrowText() joins and wraps paragraphs that are too wide, and leaves others alone', () => {
  const wide = 'word '.repeat(17).trimEnd();
  expect(narrowText(`\n${wide}\nend.\n\n  ${wide}\n`)).toBe(
    `\n${'word '.repeat(16).trimEnd()}\nword end.\n\n  ${wide}\n`,
  );
  expect(narrowText('one\ntwo')).toBe('one\ntwo');
});
