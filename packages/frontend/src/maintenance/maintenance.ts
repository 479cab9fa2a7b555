/**
 * What component states mean for this front end. In Draining it says at once that it is not
 * ready, takes logins for `noticeSeconds` more (the time that load balancers need to see that),
 * then turns newcomers away and ends its conversations over the window. In Inactive it does so
 * at once. Sites and workers: logins for them are refused in either state, since a mailbox has
 * one home only and a session there would have to end again; theirs end over the window in
 * Draining, at once in Inactive. Active again ends all of that by itself.
 */
import {
  frontEndComponent,
  siteComponent,
  workerComponent,
  type ComponentName,
  type ComponentState,
  type ComponentStates,
  type SiteName,
} from '@homeward/directory';
import { spreadEnds, type SpreadEnds } from '@homeward/service';
import type { ConversationSet } from '../conversation/conversation-set.ts';
import type { LiveConversation } from '../conversation/live-session.ts';
import type { LoginFault } from '../login/login-fault.ts';
import type { RouteMaintenance } from '../login/login-ports.ts';
import type { Clock } from '../login/ports.ts';
import type { Route } from '../login/route.ts';
import type { DrainingConfig } from '../draining-schema.ts';
import type { FrontEndLog } from '../log-events.ts';

export interface MaintenanceParts {
  readonly states: Pick<ComponentStates, 'stateOf' | 'requestsOf' | 'onChange' | 'listNames'>;
  /** The front end's name. */
  readonly frontEnd: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Read at each use. */
  readonly settings: () => DrainingConfig;
  readonly log: FrontEndLog;
}

/** One component that is being emptied. */
interface Emptying {
  readonly state: ComponentState;
  cancel(): void;
}

/** Close it. */
export class Maintenance implements RouteMaintenance {
  readonly #parts: MaintenanceParts;
  readonly #own: ComponentName;
  readonly #ends: (() => void)[] = [];
  #conversations: Pick<ConversationSet, 'find' | 'onSession'> | undefined;
  readonly #emptying = new Map<ComponentName, Emptying>();
  /** Newcomers are turned away. */
  #isShut = false;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
    this.#own = frontEndComponent(parts.frontEnd);
  }

  /** Looks after these from now on. Call once: they need what this one says of routes. */
  watch(conversations: Pick<ConversationSet, 'find' | 'onSession'>): void {
    this.#conversations = conversations;
    this.#ends.push(
      this.#parts.states.onChange(() => this.#follow()),
      conversations.onSession((conversation) => this.#meet(conversation)),
    );
    this.#follow();
  }

  /** False when whoever connects is to go to another front end. */
  get isOpen(): boolean {
    return !this.#isShut;
  }

  /** Why this front end wants no clients; nothing when it is active. */
  findFault(): string | undefined {
    return this.#describe(this.#own);
  }

  findRouteFault(route: Route): LoginFault | undefined {
    const { name } = route.site;
    const logDetail =
      this.#describe(siteComponent(name)) ??
      (route.kind === 'own' ? this.#describe(workerComponent(name, route.workerIndex)) : undefined);
    return logDetail === undefined ? undefined : { ok: false, reason: 'in-maintenance', logDetail };
  }

  close(): void {
    for (const end of this.#ends) end();
    for (const emptying of this.#emptying.values()) emptying.cancel();
    this.#emptying.clear();
  }

  #describe(component: ComponentName): string | undefined {
    const state = this.#parts.states.stateOf(component);
    if (state === 'active') return undefined;
    const requesters = this.#parts.states
      .requestsOf(component)
      .map(({ requester, why }) => (why === undefined ? requester : `${requester}: ${why}`));
    return `${component} is ${state} (${requesters.join('; ')})`;
  }

  #follow(): void {
    const { states, log } = this.#parts;
    const names = new Set([this.#own, ...states.listNames(), ...this.#emptying.keys()]);
    for (const component of names) {
      const state = states.stateOf(component);
      const before = this.#emptying.get(component)?.state ?? 'active';
      if (state === before || !this.#concerns(component)) continue;
      this.#emptying.get(component)?.cancel();
      this.#emptying.delete(component);
      if (component === this.#own) this.#isShut = false;
      if (state !== 'active') this.#emptying.set(component, this.#empty(component, state));
      log.log('component.state-changed', { component, state, detail: this.#describe(component) });
    }
  }

  #concerns(component: ComponentName): boolean {
    return component === this.#own || !component.startsWith('frontend:');
  }

  #empty(component: ComponentName, state: ComponentState): Emptying {
    const { clock, settings } = this.#parts;
    const isOwn = component === this.#own;
    const noticeMs = isOwn && state === 'draining' ? settings().noticeSeconds * 1000 : 0;
    let spread: SpreadEnds | undefined;
    const begin = (): void => {
      if (isOwn) this.#isShut = true;
      spread = this.#spread(component, state);
    };
    const cancelNotice = noticeMs === 0 ? undefined : clock.after(noticeMs, begin);
    if (noticeMs === 0) begin();
    return {
      state,
      cancel() {
        cancelNotice?.();
        spread?.cancel();
      },
    };
  }

  #spread(component: ComponentName, state: ComponentState): SpreadEnds {
    const { clock, random, settings } = this.#parts;
    const matches = component === this.#own ? undefined : memberTest(component);
    return spreadEnds({
      sessions: this.#conversations?.find({ matches }) ?? [],
      end: (conversation) => conversation.end('draining'),
      windowMs: state === 'draining' ? settings().windowSeconds * 1000 : 0,
      clock,
      random,
    });
  }

  /** A login that was under way when its home, or this front end, was emptied. */
  #meet(conversation: LiveConversation): void {
    if (this.#isShut) {
      conversation.end('draining');
      return;
    }
    for (const component of this.#emptying.keys()) {
      if (component !== this.#own && memberTest(component)(conversation)) {
        conversation.end('draining');
      }
    }
  }
}

/** Whether a session is at a site, or at a worker of it. */
function memberTest(component: ComponentName): (conversation: LiveConversation) => boolean {
  const [kind, name = ''] = component.split(':');
  if (kind === 'site') return ({ session }) => session?.site === name;
  return ({ session }) =>
    session?.workerIndex !== undefined &&
    workerComponent(session.site as SiteName, session.workerIndex) === component;
}
