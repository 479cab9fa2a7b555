/** Members of a group as operators name them: accounts, groups, or addresses elsewhere. */
import { parseAccountId } from '../account-id.ts';
import { type FieldProblem, show } from '../accounts/account-fields.ts';
import { normaliseLoginName } from '../login-name.ts';
import { comparableAddress, parseMailAddress } from '../mail/mail-address.ts';
import type { AccountId, GroupId, GroupMember } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';

export type MemberSource = Pick<DirectoryDriver, 'findHolder' | 'getAccount' | 'getGroup'>;

export type FoundMember =
  | { readonly kind: 'found'; readonly member: GroupMember }
  | { readonly kind: 'problem'; readonly problem: FieldProblem };

/** RFC 5321 §4.5.3.1.3: a path has 256 octets, its angle brackets included. */
const ADDRESS_LIMIT_BYTES = 254;

/** @param typed A name or id of an account or a group, or an address that nobody here has. */
export async function findMember(driver: MemberSource, typed: string): Promise<FoundMember> {
  const member =
    (await findById(driver, typed)) ?? (await findByName(driver, typed)) ?? readAddress(typed);
  if (member !== undefined) return { kind: 'found', member };
  const problem: FieldProblem = {
    field: 'members',
    text: `"${show(typed)}" is nobody here, and no address`,
    remedy: 'Give a name or id of an account or a group, or an address like guest@example.net.',
  };
  return { kind: 'problem', problem };
}

export function isSameMember(one: GroupMember, other: GroupMember): boolean {
  return keyOf(one) === keyOf(other);
}

function keyOf(member: GroupMember): string {
  const text = member.kind === 'address' ? comparableAddress(member.address) : member.id;
  return `${member.kind} ${text}`;
}

/** What a member may be that is not there any more. */
export function membersById(typed: string): readonly GroupMember[] {
  const id = parseAccountId(typed);
  if (id === undefined) return [];
  return [
    { kind: 'account', id },
    { kind: 'group', id: id as string as GroupId },
  ];
}

async function findById(driver: MemberSource, typed: string): Promise<GroupMember | undefined> {
  for (const member of membersById(typed)) {
    const found = await findRecord(driver, member);
    if (found) return member;
  }
  return undefined;
}

async function findRecord(driver: MemberSource, member: GroupMember): Promise<boolean> {
  if (member.kind === 'account') return (await driver.getAccount(member.id)) !== undefined;
  return member.kind === 'group' && (await driver.getGroup(member.id)) !== undefined;
}

async function findByName(driver: MemberSource, typed: string): Promise<GroupMember | undefined> {
  const name = normaliseLoginName(typed);
  const holder = name === undefined ? undefined : await driver.findHolder(name);
  if (holder === undefined) return undefined;
  return holder.kind === 'account'
    ? { kind: 'account', id: holder.id satisfies AccountId }
    : { kind: 'group', id: holder.id };
}

/** A dot-atom on the left: what needs quotes is nobody's whom one would put into a group. */
function readAddress(typed: string): GroupMember | undefined {
  const text = typed.trim().normalize('NFC');
  const address = parseMailAddress(text);
  if (address?.writtenDomain === undefined) return undefined;
  const isGood =
    /^[^\s"(),:;<>@[\\\].\p{Cc}\p{Cf}]+(?:\.[^\s"(),:;<>@[\\\].\p{Cc}\p{Cf}]+)*$/u.test(
      address.localPart,
    ) &&
    /^[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)*$/u.test(address.writtenDomain) &&
    Buffer.byteLength(text) <= ADDRESS_LIMIT_BYTES;
  if (!isGood) return undefined;
  return { kind: 'address', address: `${address.localPart}@${address.writtenDomain}` };
}
