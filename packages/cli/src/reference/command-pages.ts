/** The pages about the command line, for `docs/reference`. */
import { formatLogEventsReference } from '@homeward/service/reference';
import { OWN_SYNC_EVENTS } from '../ldap/sync-events.ts';
import { formatCommandReference } from './format-reference.ts';

const MADE_BY = 'node packages/cli/src/reference/write-reference.ts';

/** File name to text. */
export function formatCommandPages(): ReadonlyMap<string, string> {
  return new Map([
    ['commands.md', formatCommandReference()],
    ['log-events-ldap-sync.md', formatSyncEvents()],
  ]);
}

function formatSyncEvents(): string {
  return formatLogEventsReference(OWN_SYNC_EVENTS, {
    title: 'Log events of homeward ldap sync --every',
    madeBy: MADE_BY,
    introduction: `
Beside [those that services share](log-events.md). What it does is told in
[Accounts and passwords from LDAP](../operations/ldap.md#a-timer-of-its-own).`,
  });
}
