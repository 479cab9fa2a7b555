/**
 * What operators do to groups, without the command line. Every refusal names the field, what is
 * wrong, and the remedy. Calls reject with `DirectoryUnavailableError` as the driver does, and for
 * nothing else.
 */
import { randomBytes } from 'node:crypto';
import { createAccountIdSource, parseAccountId } from '../account-id.ts';
import { type FieldProblem, show } from '../accounts/account-fields.ts';
import { systemClock, type Clock } from '../clock.ts';
import { normaliseLoginName } from '../login-name.ts';
import type { GroupId, GroupMember, GroupRecord, GroupSenders } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { findMember, isSameMember, membersById } from './find-members.ts';
import { type GroupFields, parseGroupFields, type ParsedGroupFields } from './group-fields.ts';

/** Concurrent changes of one group that a change of ours gives way to. */
const ATTEMPT_LIMIT = 8;
/** A record is read as a whole, and kept by who delivers; groups within groups have more. */
const MEMBER_COUNT_LIMIT = 2_000;

export type GroupOutcome =
  | { readonly ok: true; readonly group: GroupRecord }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

export interface GroupChanges extends GroupFields {
  /** For senders that are "named": who they are, in place of those before. */
  readonly named?: readonly string[] | undefined;
}

/** A new group; accounts may send to it unless something else is said. */
export interface NewGroup extends GroupChanges {
  readonly address: string;
  readonly members?: readonly string[] | undefined;
}

/** Members and senders are named as `findMember` wants them. */
export interface GroupService {
  add(request: NewGroup): Promise<GroupOutcome>;
  /** @param which An id, or any address of the group. */
  find(which: string): Promise<GroupRecord | undefined>;
  /** `aliases` replaces all addresses but the primary one. */
  change(which: string, changes: GroupChanges): Promise<GroupOutcome>;
  /** Who is a member already stays one. */
  addMembers(which: string, members: readonly string[]): Promise<GroupOutcome>;
  /** @param members Also ids of those that are gone. */
  removeMembers(which: string, members: readonly string[]): Promise<GroupOutcome>;
  delete(which: string): Promise<GroupOutcome>;
}

export interface GroupServiceParts {
  readonly driver: DirectoryDriver;
  readonly clock?: Clock | undefined;
  readonly randomOctets?: ((count: number) => Uint8Array) | undefined;
}

/** Owns nothing: the driver stays the caller's. */
export function createGroupService(parts: GroupServiceParts): GroupService {
  return new DirectoryGroupService(parts);
}

class DirectoryGroupService implements GroupService {
  readonly #driver: DirectoryDriver;
  readonly #clock: Clock;
  readonly #nextId: () => GroupId;

  constructor({ driver, clock = systemClock, randomOctets = randomBytes }: GroupServiceParts) {
    this.#driver = driver;
    this.#clock = clock;
    const nextId = createAccountIdSource(() => clock.nowMs(), randomOctets);
    this.#nextId = () => nextId() as string as GroupId;
  }

  async add(request: NewGroup): Promise<GroupOutcome> {
    const { values, problems } = parseGroupFields(request);
    const members = await this.#findMembers(request.members ?? []);
    const named = await this.#findMembers(request.named ?? []);
    const senders = chooseSenders({ kind: 'accounts' }, values, request, named.members);
    const all = [...problems, ...members.problems, ...named.problems, ...senders.problems];
    if (all.length > 0) return { ok: false, problems: all };
    const { address = '' } = values;
    const group: GroupRecord = {
      id: this.#nextId(),
      address,
      names: [...new Set([address, ...(values.aliases ?? [])])],
      displayName: values.displayName,
      members: members.members,
      senders: senders.senders,
      version: 1,
      createdAtMs: this.#clock.nowMs(),
    };
    const problem = findMemberProblem(group);
    if (problem !== undefined) return refuse(problem);
    const outcome = await this.#driver.addGroup(group);
    return outcome.ok ? { ok: true, group } : refuse(toProblem(outcome.reason, outcome.detail));
  }

  async find(which: string): Promise<GroupRecord | undefined> {
    const id = parseAccountId(which) as string | undefined;
    const byId = id === undefined ? undefined : await this.#driver.getGroup(id as GroupId);
    if (byId !== undefined) return byId;
    const name = normaliseLoginName(which);
    const holder = name === undefined ? undefined : await this.#driver.findHolder(name);
    return holder?.kind === 'group' ? this.#driver.getGroup(holder.id) : undefined;
  }

  async change(which: string, changes: GroupChanges): Promise<GroupOutcome> {
    const { values, problems } = parseGroupFields(changes);
    const named = await this.#findMembers(changes.named ?? []);
    const known = [...problems, ...named.problems];
    if (known.length > 0) return { ok: false, problems: known };
    return this.#replace(which, (current) => {
      const senders = chooseSenders(current.senders, values, changes, named.members);
      if (senders.problems[0] !== undefined) return senders.problems[0];
      const address = values.address ?? current.address;
      const others = values.aliases ?? current.names.filter((name) => name !== current.address);
      return {
        ...current,
        address,
        names: [...new Set([address, ...others])],
        displayName: 'displayName' in values ? values.displayName : current.displayName,
        senders: senders.senders,
      };
    });
  }

  async addMembers(which: string, typed: readonly string[]): Promise<GroupOutcome> {
    const { members, problems } = await this.#findMembers(typed);
    if (problems.length > 0) return { ok: false, problems };
    return this.#replace(which, (current) => {
      const added = members.filter(
        (one) => !current.members.some((other) => isSameMember(one, other)),
      );
      const group = { ...current, members: [...current.members, ...added] };
      return findMemberProblem(group) ?? group;
    });
  }

  async removeMembers(which: string, typed: readonly string[]): Promise<GroupOutcome> {
    const asked = await Promise.all(
      typed.map(async (text) => {
        const found = await findMember(this.#driver, text);
        const gone = membersById(text);
        return { text, members: found.kind === 'found' ? [found.member, ...gone] : gone };
      }),
    );
    return this.#replace(which, (current) => {
      const stranger = asked.find(
        ({ members }) => !current.members.some((one) => isAmong(one, members)),
      );
      if (stranger !== undefined) {
        const text = `${show(stranger.text)} is no member of ${current.address}`;
        return { field: 'members', text, remedy: 'See "group show".' };
      }
      const removed = asked.flatMap(({ members }) => members);
      return { ...current, members: current.members.filter((one) => !isAmong(one, removed)) };
    });
  }

  async delete(which: string): Promise<GroupOutcome> {
    const group = await this.find(which);
    if (group === undefined) return refuse(unknownGroup(which));
    const outcome = await this.#driver.deleteGroup(group.id);
    return outcome.ok ? { ok: true, group } : refuse(unknownGroup(which));
  }

  /** Each once, in the order in which they were named. */
  async #findMembers(typed: readonly string[]): Promise<{
    readonly members: readonly GroupMember[];
    readonly problems: readonly FieldProblem[];
  }> {
    const members: GroupMember[] = [];
    const problems: FieldProblem[] = [];
    for (const text of typed) {
      const found = await findMember(this.#driver, text);
      if (found.kind === 'problem') problems.push(found.problem);
      else if (!isAmong(found.member, members)) members.push(found.member);
    }
    return { members, problems };
  }

  /** Replaces a record by what `change` makes of it, again if somebody else was quicker. */
  async #replace(
    which: string,
    change: (current: GroupRecord) => GroupRecord | FieldProblem,
  ): Promise<GroupOutcome> {
    for (let attempt = 0; attempt < ATTEMPT_LIMIT; attempt += 1) {
      const current = await this.find(which);
      if (current === undefined) return refuse(unknownGroup(which));
      const changed = change(current);
      if ('field' in changed) return refuse(changed);
      const group: GroupRecord = { ...changed, version: current.version + 1 };
      const outcome = await this.#driver.replaceGroup(group, current.version);
      if (outcome.ok) return { ok: true, group };
      if (outcome.reason !== 'conflict') return refuse(toProblem(outcome.reason, outcome.detail));
    }
    return refuse(toProblem('conflict', `${show(which)} is being changed by others`));
  }
}

/** Names are for senders that are "named", and make them so. */
function chooseSenders(
  before: GroupSenders,
  values: ParsedGroupFields,
  { named: typed }: GroupChanges,
  named: readonly GroupMember[],
): { readonly senders: GroupSenders; readonly problems: readonly FieldProblem[] } {
  const kind = values.senders ?? (typed === undefined ? before.kind : 'named');
  if (kind !== 'named') {
    const text = `who may send is "${kind}", and somebody is named all the same`;
    const remedy = 'Name nobody, or say that senders are "named".';
    const problems = typed === undefined ? [] : [{ field: 'senders' as const, text, remedy }];
    return { senders: { kind }, problems };
  }
  const kept = before.kind === 'named' ? before.named : [];
  const all = typed === undefined ? kept : named;
  const isTooMany = all.length > MEMBER_COUNT_LIMIT;
  const remedy = `Name one at least and ${MEMBER_COUNT_LIMIT} at most.`;
  const text = `${all.length} senders are named`;
  const problems =
    all.length === 0 || isTooMany ? [{ field: 'senders' as const, text, remedy }] : [];
  return { senders: { kind, named: all }, problems };
}

function findMemberProblem(group: GroupRecord): FieldProblem | undefined {
  const field = 'members';
  if (group.members.some((one) => one.kind === 'group' && one.id === group.id)) {
    return { field, text: 'a group is no member of itself', remedy: 'Leave it out.' };
  }
  if (group.members.length <= MEMBER_COUNT_LIMIT) return undefined;
  const remedy = `Give at most ${MEMBER_COUNT_LIMIT}; put others into a group that is a member.`;
  return { field, text: `there are ${group.members.length} members`, remedy };
}

function isAmong(member: GroupMember, others: readonly GroupMember[]): boolean {
  return others.some((other) => isSameMember(member, other));
}

function refuse(problem: FieldProblem): GroupOutcome {
  return { ok: false, problems: [problem] };
}

function unknownGroup(which: string): FieldProblem {
  return {
    field: 'group',
    text: `there is no group ${show(which)}`,
    remedy: 'Give its id or one of its addresses; see homeward group list.',
  };
}

function toProblem(
  reason: 'name-taken' | 'exists' | 'nonexistent' | 'conflict',
  text: string,
): FieldProblem {
  switch (reason) {
    case 'name-taken':
      return { field: 'names', text, remedy: 'Choose another, or take it from who has it.' };
    case 'nonexistent':
      return { field: 'group', text, remedy: 'It was deleted meanwhile; see homeward group list.' };
    case 'exists':
    case 'conflict':
      return { field: 'group', text, remedy: 'Try again.' };
  }
}
