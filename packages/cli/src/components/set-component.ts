/** `homeward component set`. */
import {
  COMPONENT_STATES,
  type ComponentName,
  type ComponentState,
  parseComponentName,
} from '@homeward/directory';
import { systemClock } from '@homeward/service';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { whoAsks } from '../output/who-asks.ts';
import { openDeployment } from '../wiring.ts';
import { type ComponentView, viewComponents } from './component-view.ts';

export interface SetComponentOptions extends OperatorOptions {
  readonly requester: string;
  readonly why?: string;
}

/** Idempotent. @throws OperatorError for what is no component, no state or no requester. */
export async function setComponent(
  context: CommandContext,
  name: string,
  stateText: string,
  options: SetComponentOptions,
): Promise<void> {
  const component = readComponent(name);
  const state = readState(stateText);
  const requester = readRequester(options.requester);
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver } = deployment;
  expectKnown(component, await viewComponents(driver));
  if (state === 'active') {
    await driver.operations.removeComponentRequest(component, requester);
  } else {
    await driver.operations.putComponentRequest({
      component,
      requester,
      state,
      why: options.why?.slice(0, 500),
      who: whoAsks(),
      sinceMs: systemClock.nowMs(),
    });
  }
  const view = (await viewComponents(driver)).find((one) => one.component === component);
  const result = view ?? { component, state: 'active' as const, workers: null, requests: [] };
  printResult(context, options, result, () => formatResult(result, state));
}

function formatResult(
  { component, state, workers, requests }: Omit<ComponentView, 'sessions'>,
  wanted: ComponentState,
): string {
  const others = requests.map(({ requester }) => requester).join(', ');
  const why = state === wanted ? '' : `, since others want it so: ${others}`;
  // It may be a slip of the pen, or one that is to start later.
  const absent =
    workers === 0 && state !== 'active'
      ? ' No front end of that name runs now; see homeward component list.'
      : '';
  return `${component} is ${state}${why}.${absent}`;
}

/** A front end that does not run may be put into maintenance before it starts. */
function expectKnown(component: ComponentName, known: readonly ComponentView[]): void {
  if (component.startsWith('frontend:')) return;
  if (known.some((one) => one.component === component)) return;
  throw new OperatorError(
    `the directory has no ${component}; see homeward component list`,
    EXIT_CODES.refused,
  );
}

function readComponent(text: string): ComponentName {
  const component = parseComponentName(text);
  if (component !== undefined) return component;
  throw new OperatorError(
    `"${text}" is no component; use frontend:NAME, site:NAME or worker:SITE/INDEX`,
    EXIT_CODES.usage,
  );
}

function readState(text: string): ComponentState {
  const state = COMPONENT_STATES.find((one) => one === text.toLowerCase());
  if (state !== undefined) return state;
  throw new OperatorError(
    `"${text}" is no state; use ${COMPONENT_STATES.join(', ')}`,
    EXIT_CODES.usage,
  );
}

function readRequester(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/u.test(text)) return text;
  throw new OperatorError(
    `--requester: "${text}" cannot be one; use 1 to 63 of letters, digits, ".", "_" and "-"`,
    EXIT_CODES.usage,
  );
}
