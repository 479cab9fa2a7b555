/** Named checks, one for each layer, and what came of them: "may we send traffic here?". */
import type { Clock } from '../clock.ts';

/** Numbers and words for people: how much of a layer there is. Never `ok`, `why` or `decides`. */
export type LayerFacts = Readonly<Record<string, number | string>>;

/** What a check found. */
export interface LayerState {
  /** Nothing when all is well, else why not, in a short sentence without secrets. */
  readonly fault: string | undefined;
  readonly facts: LayerFacts;
}

type CheckAnswer = string | undefined | LayerState;

/** @returns Nothing when all is well, else why not; or that with facts. */
export type ReadinessCheck = () => CheckAnswer | Promise<CheckAnswer>;

/** By name, in kebab-case. */
export type ReadinessChecks = Readonly<Record<string, ReadinessCheck>>;

/** Bears JSON. */
export interface LayerReport {
  readonly ok: boolean;
  readonly why?: string;
  /** Whether traffic is sent elsewhere when it fails. */
  readonly decides: boolean;
  readonly facts: LayerFacts;
}

/** Bears JSON; in the order of the layers' names. */
export interface HealthReport {
  readonly layers: Readonly<Record<string, LayerReport>>;
}

const CHECK_LIMIT_MS = 2_000;

export interface CheckRun {
  readonly clock: Pick<Clock, 'after'>;
  readonly onFault: (check: string, error: unknown) => void;
  readonly decides: boolean;
}

/** Runs all checks at once; one that hangs for two seconds or throws is one that fails. */
export async function runChecks(checks: ReadinessChecks, run: CheckRun): Promise<HealthReport> {
  const layers = await Promise.all(
    Object.entries(checks)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(async ([name, check]) => {
        const answer = await runCheck(check, run.clock, (error) => run.onFault(name, error));
        return [name, reportLayer(answer, run.decides)] as const;
      }),
  );
  return { layers: Object.fromEntries(layers) };
}

/** Whether traffic may come. */
export function isWell({ layers }: HealthReport): boolean {
  return Object.values(layers).every(({ ok, decides }) => ok || !decides);
}

function reportLayer(answer: CheckAnswer, decides: boolean): LayerReport {
  const { fault, facts } = typeof answer === 'object' ? answer : { fault: answer, facts: {} };
  return { ok: fault === undefined, ...(fault !== undefined && { why: fault }), decides, facts };
}

async function runCheck(
  check: ReadinessCheck,
  clock: Pick<Clock, 'after'>,
  onFault: (error: unknown) => void,
): Promise<CheckAnswer> {
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
