/** Where the programs of peers are. Nothing is ever installed here. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Servers are often outside of the path of people. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** @returns undefined if it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...SERVER_FOLDERS];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
