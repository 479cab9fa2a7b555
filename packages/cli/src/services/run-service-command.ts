/**
 * Runs a service in this process until it is stopped. Started by the demo, it tells when it is
 * ready and ends when the demo does, however that ends.
 */
import { backEndConfigSchema, runBackEnd } from '@homeward/backend';
import { FRONT_END_CONFIG, runFrontend } from '@homeward/frontend';
import {
  formatConfigProblem,
  loadConfig,
  openWorkerLink,
  type Environment,
  type ExitCode,
  type WorkerLink,
} from '@homeward/service';
import type { z } from 'zod';
import type { CommandContext } from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

export interface ServiceCommandOptions {
  readonly config: string;
  readonly supervised?: boolean;
}

/** @throws OperatorError with every problem of the configuration. */
export async function runServiceCommand(
  context: CommandContext,
  name: 'frontend' | 'backend',
  { config, supervised = false }: ServiceCommandOptions,
): Promise<void> {
  context.console.surviveBrokenPipe();
  if (supervised) {
    // Whoever started this is gone already, or may go before anything else looks after it.
    if (!process.connected) return;
    process.once('disconnect', endUnlessLinked);
  }
  const run = name === 'frontend' ? runFrontEnd : runSite;
  context.console.exitCode = await run(context, config);
}

async function runFrontEnd(context: CommandContext, file: string): Promise<ExitCode> {
  const link = linkToStarter();
  const { config, warnings } = await readConfig(context, FRONT_END_CONFIG, file);
  for (const warning of warnings) context.console.complain(warning);
  const exitCode = await runFrontend(config, {
    onReady: () => link.sendReady(null),
    readAgain: () =>
      loadConfig({ schema: FRONT_END_CONFIG, file, environment: settingsOf(context) }),
  });
  link.close();
  return exitCode;
}

async function runSite(context: CommandContext, file: string): Promise<ExitCode> {
  const link = linkToStarter();
  await readConfig(context, backEndConfigSchema, file);
  // It reads file and environment once more; the variable is ours.
  const complain = (line: string): void => {
    if (!line.includes('HOMEWARD_CONFIG')) context.console.complain(line);
  };
  const onReady = (): void => link.sendReady(null);
  const exitCode = await runBackEnd({ configFile: file, complain, onReady });
  link.close();
  return exitCode;
}

function endUnlessLinked(): void {
  if (process.listenerCount('disconnect') === 0) process.kill(process.pid, 'SIGTERM');
}

/** Without a starter that listens this does nothing. */
function linkToStarter(): WorkerLink {
  return openWorkerLink(() => process.kill(process.pid, 'SIGTERM'));
}

/** HOMEWARD_CONFIG says where homeward.yaml is; it is no key of a service. */
function settingsOf({ environment }: CommandContext): Environment {
  const { HOMEWARD_CONFIG: _, ...settings } = environment;
  return settings;
}

async function readConfig<Schema extends z.ZodType>(
  context: CommandContext,
  schema: Schema,
  file: string,
): Promise<{ readonly config: z.output<Schema>; readonly warnings: readonly string[] }> {
  const loaded = await loadConfig({ schema, file, environment: settingsOf(context) });
  if (loaded.ok) return loaded;
  throw new OperatorError(loaded.problems.map(formatConfigProblem), EXIT_CODES.configuration);
}
