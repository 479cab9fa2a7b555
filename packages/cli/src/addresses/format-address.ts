/** What becomes of mail for an address, for people. Pure. */
import { formatSenders } from '../groups/group-view.ts';
import { formatTable } from '../output/format-table.ts';
import type { AddressView, MailView, RecipientsView, SenderView } from './address-view.ts';

type Row = readonly [string, string];

/** A table of names and values. */
export function formatAddress({ address, mail, maySend, memberOf }: AddressView): string {
  const rows: readonly Row[] = [
    ['address', address],
    ...formatMail(mail),
    ...listRows('may send by it', maySend.map(formatSender)),
    ...listRows('member of', memberOf),
  ];
  return formatTable(undefined, rows);
}

function formatMail(mail: MailView): readonly Row[] {
  switch (mail.goes) {
    case 'mailbox': {
      const { account, foundBy, detail, site } = mail;
      return [
        ['mail goes to', `the mailbox of ${account}, at ${site}`],
        ['because', `the account has ${foundBy}`],
        ...(detail === null ? [] : [['detail', detail] as const]),
      ];
    }
    case 'group':
      return [
        ['mail goes to', `the members of the group ${mail.group}`],
        ['because', `the group has ${mail.foundBy}`],
        ['may send to it', formatSenders(mail.sendersToIt)],
        ...formatRecipients(mail.recipients),
      ];
    case 'elsewhere':
      return [
        ['mail goes to', 'elsewhere'],
        ['because', 'its domain is not ours (see homeward domain list), or others may have it'],
      ];
    case 'nowhere':
      return [
        ['mail goes to', 'nobody'],
        ['because', REASONS[mail.why]],
      ];
  }
}

const REASONS: Readonly<Record<Extract<MailView, { goes: 'nowhere' }>['why'], string>> = {
  nobody: 'nobody has this address',
  'blocked-kind': 'accounts of this kind get no mail',
  'account-disabled': 'the account is disabled; who delivers tries again later',
};

function formatRecipients(recipients: RecipientsView | null): readonly Row[] {
  if (recipients === null) return [['recipients', 'too many: nobody gets anything']];
  const { mailboxes, elsewhere, skippedCount } = recipients;
  const skipped = skippedCount === 0 ? [] : [`${skippedCount} get nothing: gone or disabled`];
  return listRows('recipients', [...mailboxes, ...elsewhere, ...skipped], 'none');
}

function formatSender({ account, because }: SenderView): string {
  return because === 'own' ? account : `${account} (send-as)`;
}

/** The title once, and nothing at all for nothing unless there is a word for it. */
function listRows(title: string, texts: readonly string[], none?: string): readonly Row[] {
  if (texts.length === 0) return none === undefined ? [] : [[title, none]];
  return texts.map((text, index) => [index === 0 ? title : '', text]);
}
