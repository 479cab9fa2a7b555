/**
 * `homeward ticket-key add`: makes a key in a file, or takes the one that is there, and tells the
 * directory of its public half. A file with a public half alone will do: the private one may then
 * stay where it was made.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { systemClock } from '@homeward/service';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { registerKey } from '../init/register-deployment.ts';
import { ensureTicketKey, readTicketKey, type TicketKey } from '../init/ticket-key-file.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { type KeyView, viewKey } from './key-view.ts';

export interface AddKeyOptions extends OperatorOptions {
  readonly label?: string;
}

/** Safe to run again. @throws OperatorError if the file is no key, or the key was revoked. */
export async function addKey(
  context: CommandContext,
  file: string,
  options: AddKeyOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver, config } = deployment;
  const path = resolve(file);
  const key = await readOrMake(path);
  const label = options.label ?? basename(path).replace(/\.[^.]*$/, '');
  const isAdded = await registerKey(driver, key, label, systemClock.nowMs());
  const known = (await driver.listFrontEndKeys()).find(({ keyId }) => keyId === key.keyId);
  if (known === undefined) throw new OperatorError(`${key.keyId} was removed meanwhile; try again`);
  if (known.revokedAtMs !== undefined) {
    throw new OperatorError(
      `${path} is the key ${key.keyId}, which was revoked, and that is for good; name a file that ` +
        'is not there yet to get another key',
      EXIT_CODES.refused,
    );
  }
  const view = viewKey(known, config.ticket.keyId);
  const result = { ...view, file: path, made: key.isNew, added: isAdded };
  printResult(context, options, result, () => formatResult(view, path, key.isNew, isAdded));
}

async function readOrMake(path: string): Promise<TicketKey> {
  if (!existsSync(path)) return ensureTicketKey(path);
  const pem = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new OperatorError(`${path} cannot be read (${code})`, EXIT_CODES.badData);
  });
  return { ...readTicketKey(path, pem), isNew: false };
}

function formatResult(
  { keyId, label }: KeyView,
  path: string,
  isNew: boolean,
  isAdded: boolean,
): string {
  return [
    ...(isNew ? [`made  ${path}`] : []),
    isAdded
      ? `told the directory of ${keyId}, ${label}`
      : `The directory knows ${keyId}, ${label}, already.`,
    '',
    'To use it, write into the configuration of the front end, and restart it:',
    '  ticket:',
    `    keyId: ${JSON.stringify(keyId)}`,
    `    keyFile: ${path}`,
    'Then revoke the key that it had: homeward ticket-key revoke',
  ].join('\n');
}
