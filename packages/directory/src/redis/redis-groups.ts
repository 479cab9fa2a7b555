/**
 * Groups in Redis, written as accounts are (`redis-accounts.ts`): a script trusts the version that
 * was read, and by it the keys that it was given.
 */
import {
  DirectoryUnavailableError,
  type DirectoryChange,
  type GroupId,
  type GroupRecord,
  type WriteOutcome,
} from '../ports.ts';
import { decodeGroup, encodeGroup } from '../record-codec.ts';
import { formatGroupHolder, type KeyLayout } from './key-layout.ts';
import type { RedisLink, RedisScript } from './redis-link.ts';
import { ADD_GROUP, DELETE_GROUP, REPLACE_GROUP } from './scripts.ts';

/** Writers of one group that may be quicker than us before we give up. */
const ATTEMPT_LIMIT = 16;
const PAGE_LIMIT = 1_000;

export class RedisGroups {
  readonly #link: RedisLink;
  readonly #keys: KeyLayout;

  constructor(link: RedisLink, keys: KeyLayout) {
    this.#link = link;
    this.#keys = keys;
  }

  async get(id: GroupId): Promise<GroupRecord | undefined> {
    const [record, version] = await this.#link.run((client) =>
      client.hmget(this.#keys.group(id), 'record', 'version'),
    );
    if (typeof record !== 'string' || typeof version !== 'string') return undefined;
    return decodeGroup(record, Number(version));
  }

  async list(page: { after: string | undefined; limit: number }): Promise<GroupRecord[]> {
    // "~" sorts behind every digit of an id: past the member of exactly this address.
    const start = page.after === undefined ? '-' : `(${page.after}\0~`;
    const limit = Math.max(1, Math.min(page.limit, PAGE_LIMIT));
    const members = await this.#link.run((client) =>
      client.zrangebylex(this.#keys.groups, start, '+', 'LIMIT', 0, limit),
    );
    const found = await Promise.all(
      members.map(async (member) => {
        const [address, id] = member.split('\0');
        const group = await this.get(id as GroupId);
        return group?.address === address ? group : undefined;
      }),
    );
    return found.filter((group) => group !== undefined);
  }

  async add(group: GroupRecord): Promise<WriteOutcome<'name-taken' | 'exists'>> {
    const { id, names, version } = group;
    const args = [formatGroupHolder(id), encodeGroup(group), version, memberOf(group)];
    return toOutcome(await this.#write(ADD_GROUP, id, names, names, args), id, names);
  }

  async replace(
    group: GroupRecord,
    expectedVersion: number,
  ): Promise<WriteOutcome<'name-taken' | 'nonexistent' | 'conflict'>> {
    const { id } = group;
    const current = await this.get(id);
    if (current === undefined) return toOutcome(['nonexistent'], id, []);
    if (current.version !== expectedVersion) return toOutcome(['conflict'], id, []);
    const freed = current.names.filter((name) => !group.names.includes(name));
    const taken = group.names.filter((name) => !current.names.includes(name));
    const told = [...current.names, ...taken];
    const answer = await this.#write(
      REPLACE_GROUP,
      id,
      told,
      [...freed, ...taken],
      [
        formatGroupHolder(id),
        encodeGroup(group),
        expectedVersion,
        memberOf(current),
        memberOf(group),
        freed.length,
      ],
    );
    return toOutcome(answer, id, taken);
  }

  async delete(id: GroupId): Promise<WriteOutcome<'nonexistent'>> {
    for (let attempt = 0; attempt < ATTEMPT_LIMIT; attempt += 1) {
      const current = await this.get(id);
      if (current === undefined) return toOutcome(['nonexistent'], id, []);
      const { names, version } = current;
      const args = [version, memberOf(current)];
      const answer = await this.#write(DELETE_GROUP, id, names, names, args);
      if (answer[0] !== 'conflict') return toOutcome(answer, id, names);
    }
    throw new DirectoryUnavailableError('the group is changed by others all the time');
  }

  /** @param told All names whose holder is another one now, or is another record. */
  async #write(
    script: RedisScript,
    id: GroupId,
    told: readonly string[],
    names: readonly string[],
    args: readonly (string | number)[],
  ): Promise<readonly unknown[]> {
    const keys = this.#keys;
    const change: DirectoryChange = { area: 'group', id, names: told };
    const answer = await this.#link.runScript(
      script,
      [keys.changeCount, keys.group(id), keys.groups, ...names.map((name) => keys.name(name))],
      [keys.changeChannel, JSON.stringify(change), ...args],
    );
    return answer as readonly unknown[];
  }
}

function memberOf(group: GroupRecord): string {
  return `${group.address}\0${group.id}`;
}

/** @param names Those that the script tried to take; its answer points to one of them. */
function toOutcome<Reason extends string>(
  [word, index]: readonly unknown[],
  id: GroupId,
  names: readonly string[],
): WriteOutcome<Reason> {
  if (word === 'ok') return { ok: true };
  const details: Readonly<Record<string, string>> = {
    'name-taken': `the name ${names[Number(index)] ?? ''} is taken already`,
    exists: `there is a group ${id} already`,
    nonexistent: `there is no group ${id}`,
    conflict: `group ${id} was changed meanwhile`,
  };
  return { ok: false, reason: word as Reason, detail: details[String(word)] ?? '' };
}
