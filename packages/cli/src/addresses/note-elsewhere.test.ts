import { type DirectoryDriver, DirectoryUnavailableError } from '@homeward/directory';
import { expect, test } from 'vitest';
import type { OperatorConsole } from '../output/operator-console.ts';
import { noteElsewhere } from './note-elsewhere.ts';

test('noteElsewhere() fails nothing that was done, though the directory is away by now', async () => {
  const notes: string[] = [];
  const console = { note: (text) => void notes.push(text) } as Partial<OperatorConsole>;
  const away = (): Promise<never> => Promise.reject(new DirectoryUnavailableError('no answer'));
  const driver = { getSettings: away } as Partial<DirectoryDriver> as DirectoryDriver;
  await noteElsewhere({ console: console as OperatorConsole }, driver, {
    kind: 'user',
    names: ['anna@example.org'],
  });
  expect(notes).toEqual([expect.stringContaining('no answer')]);
});
