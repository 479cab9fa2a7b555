/**
 * The states of components as the directory has them, live: read when the directory tells of a
 * change. While it is away the last ones known hold; before the first contact all are active.
 */
import { DirectoryUnavailableError } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import type { ComponentName, ComponentRequest, ComponentState } from './ports.ts';

export interface ComponentStatesParts {
  readonly driver: Pick<DirectoryDriver, 'subscribe'> & {
    readonly operations: Pick<DirectoryDriver['operations'], 'listComponentRequests'>;
  };
  /** Told of a bug. */
  readonly onFault: (error: unknown) => void;
}

/** Open it, then close it before the driver. */
export class ComponentStates {
  readonly #parts: ComponentStatesParts;
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: () => void;
  #requests: readonly ComponentRequest[] = [];
  #states = new Map<ComponentName, ComponentState>();
  #reading: Promise<void> | undefined;
  #isStale = false;

  constructor(parts: ComponentStatesParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.driver.subscribe(({ area }) => {
      if (area === 'components' || area === 'everything') void this.read();
    });
  }

  /** Active unless a requester says otherwise; of several the strictest counts. */
  stateOf(component: ComponentName): ComponentState {
    return this.#states.get(component) ?? 'active';
  }

  /** Who wants what of it. */
  requestsOf(component: ComponentName): readonly ComponentRequest[] {
    return this.#requests.filter((request) => request.component === component);
  }

  /** Those that are not active. */
  listNames(): readonly ComponentName[] {
    return [...this.#states.keys()];
  }

  /** Calls `listener` after each change. @returns How to cease. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Reads now; a change during the reading has it read again. Never rejects. */
  read(): Promise<void> {
    this.#isStale = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  close(): void {
    this.#unsubscribe();
    this.#listeners.clear();
  }

  async #readAll(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      try {
        this.#take(await this.#parts.driver.operations.listComponentRequests());
      } catch (error) {
        // `everything` is told when the directory is back.
        if (!(error instanceof DirectoryUnavailableError)) this.#parts.onFault(error);
      }
    }
  }

  #take(requests: readonly ComponentRequest[]): void {
    this.#requests = requests;
    this.#states = new Map();
    for (const { component, state } of requests) {
      if (this.#states.get(component) !== 'inactive') this.#states.set(component, state);
    }
    for (const listener of this.#listeners) listener();
  }
}

/** Opens them, read once. The caller closes them. */
export async function openComponentStates(parts: ComponentStatesParts): Promise<ComponentStates> {
  const states = new ComponentStates(parts);
  await states.read();
  return states;
}
