/** Components with their states, as JSON and tables show them. */
import {
  type ComponentName,
  type ComponentRequest,
  type ComponentState,
  type DirectoryDriver,
  frontEndComponent,
  isSite,
  siteComponent,
  workerComponent,
} from '@homeward/directory';

export interface ComponentView {
  readonly component: ComponentName;
  readonly state: ComponentState;
  /** Of a front end: its workers now. Null for others. */
  readonly workers: number | null;
  /** Of a front end: sessions there now. */
  readonly sessions: number | null;
  readonly requests: readonly RequestView[];
}

interface RequestView {
  readonly requester: string;
  readonly state: ComponentState;
  readonly why: string | null;
  readonly who: string;
  readonly since: string;
}

/** What runs and what the directory has, and whatever somebody wants something of. */
export async function viewComponents(driver: DirectoryDriver): Promise<readonly ComponentView[]> {
  const [leases, sites, requests] = await Promise.all([
    driver.operations.listLeases(),
    driver.listSites(),
    driver.operations.listComponentRequests(),
  ]);
  // A site that people log in to is there as a site.
  const ofFrontEnds = leases.filter(({ frontEnd }) => !isSite(frontEnd));
  const running = Map.groupBy(ofFrontEnds, ({ frontEnd }) => frontEndComponent(frontEnd));
  const names = new Set<ComponentName>([
    ...running.keys(),
    ...sites.flatMap(({ name, workers }) => [
      siteComponent(name),
      ...workers.map((_, index) => workerComponent(name, index)),
    ]),
    ...requests.map(({ component }) => component),
  ]);
  return [...names].map((component) => {
    const isFrontEnd = component.startsWith('frontend:');
    const own = running.get(component) ?? [];
    const wishes = requests.filter((request) => request.component === component);
    return {
      component,
      state: strictest(wishes),
      workers: isFrontEnd ? own.length : null,
      sessions: isFrontEnd ? own.reduce((sum, { sessionCount }) => sum + sessionCount, 0) : null,
      requests: wishes.map(viewRequest),
    };
  });
}

function strictest(wishes: readonly ComponentRequest[]): ComponentState {
  if (wishes.some(({ state }) => state === 'inactive')) return 'inactive';
  return wishes.length > 0 ? 'draining' : 'active';
}

function viewRequest({ requester, state, why, who, sinceMs }: ComponentRequest): RequestView {
  return { requester, state, why: why ?? null, who, since: new Date(sinceMs).toISOString() };
}
