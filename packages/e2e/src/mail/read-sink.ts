/** What went to the outside, as the demo's sink keeps it. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Demo } from '../demo/demo.ts';
import { waitUntil } from '../poll.ts';

/** All that are kept, envelope on top, oldest first. */
export async function readOutside({ facts }: Demo): Promise<readonly string[]> {
  const names = await readdir(facts.sinkFolder).catch(() => []);
  const files = names
    .toSorted((a, b) => a.localeCompare(b))
    .map((name) => path.join(facts.sinkFolder, name));
  return Promise.all(files.map((file) => readFile(file, 'latin1')));
}

/** The first message with this text, now or soon. @throws when there is none. */
export function awaitOutside(demo: Demo, text: string, limitMs: number = 30_000): Promise<string> {
  const look = async (): Promise<string | undefined> => {
    return (await readOutside(demo)).find((message) => message.includes(text));
  };
  return waitUntil(`"${text}" outside`, look, limitMs);
}
