/** What an operator may put into a group record; problems come all at once, as those of accounts. */
import {
  type FieldProblem,
  parseAddress,
  parseDisplayName,
  show,
} from '../accounts/account-fields.ts';
import { GROUP_SENDER_KINDS } from '../kinds.ts';
import type { GroupSenders } from '../ports.ts';

const ADDRESS_COUNT_LIMIT = 64;

/** Fields as they were typed; a field that is undefined is not judged. */
export interface GroupFields {
  readonly address?: string | undefined;
  /** Further addresses. */
  readonly aliases?: readonly string[] | undefined;
  /** Null removes it. */
  readonly displayName?: string | null | undefined;
  /** Of `GROUP_SENDER_KINDS`. */
  readonly senders?: string | undefined;
}

export interface ParsedGroupFields {
  readonly address?: string;
  readonly aliases?: readonly string[];
  readonly displayName?: string | undefined;
  readonly senders?: GroupSenders['kind'];
}

/** Normalises and judges fields. */
export function parseGroupFields(fields: GroupFields): {
  readonly values: ParsedGroupFields;
  readonly problems: readonly FieldProblem[];
} {
  const problems: FieldProblem[] = [];
  const note = (field: FieldProblem['field'], text: string, remedy: string): void => {
    problems.push({ field, text, remedy });
  };
  const { address, aliases, displayName, senders } = fields;
  const kind = GROUP_SENDER_KINDS.find((one) => one === senders);
  if (senders !== undefined && kind === undefined) {
    const remedy = `Use ${GROUP_SENDER_KINDS.join(', ')}.`;
    note('senders', `"${show(senders)}" does not say who may send`, remedy);
  }
  if (aliases !== undefined && aliases.length > ADDRESS_COUNT_LIMIT) {
    const remedy = `Give at most ${ADDRESS_COUNT_LIMIT}.`;
    note('names', `there are ${aliases.length} further addresses`, remedy);
  }
  const values: ParsedGroupFields = {
    ...(address !== undefined && { address: parseAddress(address, note) }),
    ...(aliases !== undefined && { aliases: aliases.map((one) => parseAddress(one, note)) }),
    ...(displayName !== undefined && {
      displayName: parseDisplayName(displayName ?? undefined, note),
    }),
    ...(kind !== undefined && { senders: kind }),
  };
  return { values, problems };
}
