/** What operators see and want, in Redis. */
import type { Clock } from '../clock.ts';
import { decodeComponentRequest, decodeSessionEnd } from '../operations/operation-codecs.ts';
import { frontEndOfLease } from '../operations/lease-owner.ts';
import {
  SESSION_END_LIFE_MS,
  type ComponentName,
  type ComponentRequest,
  type DutyName,
  type LeaseFacts,
  type OperationsPort,
  type SessionEndRequest,
  type SessionPage,
  type SessionQuery,
} from '../operations/ports.ts';
import { findSessions, type StoredSessions } from '../operations/session-listing.ts';
import type { DirectoryChange } from '../ports.ts';
import type { KeyLayout } from './key-layout.ts';
import type { RedisLeaseStore } from './redis-lease-store.ts';
import type { RedisLink } from './redis-link.ts';
import { LEAVE_DUTY, TAKE_DUTY } from './scripts.ts';

const SCAN_COUNT = 2_000;

export interface RedisOperationsParts {
  readonly link: RedisLink;
  /** Where sessions are. */
  readonly sessionLink: RedisLink;
  readonly keys: KeyLayout;
  readonly leaseStore: Pick<RedisLeaseStore, 'listLiving'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Sets (or, with no text, removes) a hash's field and announces the change. */
  readonly putField: (
    key: string,
    change: DirectoryChange,
    field: string,
    text: string | undefined,
  ) => Promise<void>;
}

export class RedisOperations implements OperationsPort {
  readonly #parts: RedisOperationsParts;

  constructor(parts: RedisOperationsParts) {
    this.#parts = parts;
  }

  listSessions(
    query: SessionQuery,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<SessionPage> {
    return findSessions(this.#eachBatch(query), query, page);
  }

  async listLeases(): Promise<readonly LeaseFacts[]> {
    const { sessionLink, keys, leaseStore } = this.#parts;
    const leaseIds = await leaseStore.listLiving();
    const counts = await sessionLink.run((client) =>
      Promise.all(leaseIds.map((id) => client.hlen(keys.sessionsOfLease(id)))),
    );
    return leaseIds.map((leaseId, index) => ({
      leaseId,
      frontEnd: frontEndOfLease(leaseId),
      sessionCount: counts[index] ?? 0,
    }));
  }

  async putSessionEnd(request: SessionEndRequest): Promise<void> {
    const { link, keys, clock, putField } = this.#parts;
    const oldestMs = clock.nowMs() - SESSION_END_LIFE_MS;
    for (const { id, requestedAtMs } of await this.listSessionEnds()) {
      if (requestedAtMs < oldestMs) await link.run((client) => client.hdel(keys.sessionEnds, id));
    }
    const text = JSON.stringify(request);
    await putField(keys.sessionEnds, { area: 'session-ends' }, request.id, text);
  }

  async listSessionEnds(): Promise<readonly SessionEndRequest[]> {
    const { link, keys } = this.#parts;
    const texts = await link.run((client) => client.hvals(keys.sessionEnds));
    return texts.map(decodeSessionEnd).filter((request) => request !== undefined);
  }

  async answerSessionEnd(id: string, leaseId: string, count: number): Promise<void> {
    const key = this.#parts.keys.sessionEndAnswers(id);
    await this.#parts.link.runTogether([
      ['hset', key, leaseId, String(count)],
      ['pexpire', key, String(SESSION_END_LIFE_MS)],
    ]);
  }

  async readSessionEndAnswers(id: string): Promise<ReadonlyMap<string, number>> {
    const { link, keys } = this.#parts;
    const answers = await link.run((client) => client.hgetall(keys.sessionEndAnswers(id)));
    return new Map(Object.entries(answers).map(([lease, count]) => [lease, Number(count)]));
  }

  async listComponentRequests(): Promise<readonly ComponentRequest[]> {
    const { link, keys } = this.#parts;
    const texts = await link.run((client) => client.hvals(keys.components));
    return texts.map(decodeComponentRequest).filter((request) => request !== undefined);
  }

  async putComponentRequest(request: ComponentRequest): Promise<void> {
    const { keys, putField } = this.#parts;
    const field = fieldOf(request.component, request.requester);
    await putField(keys.components, { area: 'components' }, field, JSON.stringify(request));
  }

  async removeComponentRequest(component: ComponentName, requester: string): Promise<boolean> {
    const { link, keys, putField } = this.#parts;
    const field = fieldOf(component, requester);
    const isThere = (await link.run((client) => client.hexists(keys.components, field))) === 1;
    if (isThere) await putField(keys.components, { area: 'components' }, field, undefined);
    return isThere;
  }

  async takeDuty(duty: DutyName, holder: string, lifeMs: number): Promise<string> {
    const { link, keys } = this.#parts;
    const args = [holder, String(Math.ceil(lifeMs))];
    return String(await link.runScript(TAKE_DUTY, [keys.duty(duty)], args));
  }

  async leaveDuty(duty: DutyName, holder: string): Promise<void> {
    const { link, keys } = this.#parts;
    await link.runScript(LEAVE_DUTY, [keys.duty(duty)], [holder]);
  }

  async *#eachBatch({ frontEnd }: SessionQuery): AsyncGenerator<StoredSessions> {
    const { sessionLink, keys, leaseStore } = this.#parts;
    for (const leaseId of await leaseStore.listLiving()) {
      if (frontEnd !== undefined && frontEndOfLease(leaseId) !== frontEnd) continue;
      const key = keys.sessionsOfLease(leaseId);
      let cursor = '0';
      do {
        const [next, entries] = await sessionLink.run((client) =>
          client.hscan(key, cursor, 'COUNT', SCAN_COUNT),
        );
        yield { leaseId, claims: pairs(entries) };
        cursor = next;
      } while (cursor !== '0');
    }
  }
}

function fieldOf(component: ComponentName, requester: string): string {
  return `${component} ${requester}`;
}

function* pairs(entries: readonly string[]): Generator<readonly [string, string]> {
  for (let index = 0; index + 1 < entries.length; index += 2) {
    yield [entries[index] ?? '', entries[index + 1] ?? ''];
  }
}
