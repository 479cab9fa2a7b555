/** Named checks, and what came of them: the answer to "may we send traffic here?". */
import type { Clock } from '../clock.ts';

/** @returns Nothing when all is well, else why not, in a short sentence without secrets. */
export type ReadinessCheck = () => string | undefined | Promise<string | undefined>;

/** By name, in kebab-case. */
export type ReadinessChecks = Readonly<Record<string, ReadinessCheck>>;

/** Bears JSON. */
export interface HealthReport {
  /** Why each failed check did. */
  readonly failed: Readonly<Record<string, string>>;
  readonly passed: readonly string[];
}

const CHECK_LIMIT_MS = 2_000;

/** Runs all checks at once; one that hangs for two seconds or throws is one that fails. */
export async function runChecks(
  checks: ReadinessChecks,
  clock: Pick<Clock, 'after'>,
  onFault: (check: string, error: unknown) => void,
): Promise<HealthReport> {
  const failed: Record<string, string> = {};
  const passed: string[] = [];
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const why = await runCheck(check, clock, (error) => onFault(name, error));
      if (why === undefined) passed.push(name);
      else failed[name] = why;
    }),
  );
  return { failed, passed: passed.toSorted() };
}

async function runCheck(
  check: ReadinessCheck,
  clock: Pick<Clock, 'after'>,
  onFault: (error: unknown) => void,
): Promise<string | undefined> {
  const late = Promise.withResolvers<string>();
  const cancel = clock.after(CHECK_LIMIT_MS, () => late.resolve('no answer'));
  try {
    return await Promise.race([check(), late.promise]);
  } catch (error) {
    onFault(error);
    return 'the check failed';
  } finally {
    cancel();
  }
}
