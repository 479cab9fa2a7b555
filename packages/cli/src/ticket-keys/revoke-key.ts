/** `homeward ticket-key revoke`. */
import type { FrontEndKey } from '@homeward/directory';
import { systemClock } from '@homeward/service';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { confirm } from '../output/confirm.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { findKey, viewKey } from './key-view.ts';

export interface RevokeKeyOptions extends OperatorOptions {
  readonly yes?: boolean;
}

/** Idempotent. @throws OperatorError if there is no such key, or it is the caller's own. */
export async function revokeKey(
  context: CommandContext,
  which: string,
  options: RevokeKeyOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver, config } = deployment;
  const key = findKey(await driver.listFrontEndKeys(), which);
  if (key.keyId === config.ticket.keyId) {
    throw new OperatorError(
      `${key.keyId} is the key of this command line itself; make another with homeward ticket-key ` +
        'add, name that one in homeward.yaml, then revoke this one',
      EXIT_CODES.refused,
    );
  }
  if (key.revokedAtMs === undefined && options.yes !== true) await ask(key, context);
  const revoked = { ...key, revokedAtMs: key.revokedAtMs ?? systemClock.nowMs() };
  if (key.revokedAtMs === undefined) await driver.putFrontEndKey(revoked);
  const view = viewKey(revoked, config.ticket.keyId);
  printResult(context, options, view, () =>
    key.revokedAtMs === undefined
      ? `Revoked ${view.keyId}, ${view.label}. It opens no more sessions; those that are open go on.`
      : `${view.keyId}, ${view.label}, was revoked already.`,
  );
}

async function ask({ keyId, label }: FrontEndKey, { console }: CommandContext): Promise<void> {
  const text =
    `Whoever uses ${keyId}, ${label}, opens no mailbox any more, and this cannot be taken back. ` +
    'Type its id to revoke it: ';
  await confirm({ text, expected: keyId, otherwise: 'nothing was revoked' }, console);
}
