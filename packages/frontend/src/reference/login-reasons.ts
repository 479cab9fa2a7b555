/** The page about why logins are refused: each reason, whose it is, and what clients hear. */
import { ALL_FAULTS, FAULT_HELP, treatFault, type FaultTreatment } from '@homeward/service';
import { formatMarkdownTable, formatPage } from '@homeward/service/reference';
import { findRefusalWords } from './refusal-words.ts';

const WHOSE: Readonly<Record<FaultTreatment['event'], string>> = {
  'login.rejected': 'person or rule',
  'login.failed': 'ours',
  'ticket.refused': 'front end',
};

/** @param madeBy The command that writes the page. */
export function formatLoginReasons(madeBy: string): string {
  const rows = ALL_FAULTS.map((fault) => {
    const { refusal, event } = treatFault(fault);
    return [
      `\`${fault}\``,
      WHOSE[event],
      FAULT_HELP[fault],
      `\`${findRefusalWords('imap', refusal)}\``,
      `\`${findRefusalWords('pop3', refusal)}\``,
      `\`${findRefusalWords('submission', refusal)}\``,
    ];
  });
  const introduction = `
The \`reason\` of \`login.rejected\` and \`login.failed\`, the \`outcome\` of
\`homeward_frontend_logins_total\`, \`ErrMsg\` in protocol logs, and what \`homeward explain\` says are all
from this list. It only grows: a reason that is there keeps its name and its meaning. What is wrong
with a person's credentials is told to clients in the same words, whatever it was; each refusal ends
with a reference, \`(ref 7Q2M0XK9A4TB)\`, under which the log has the reason. A detail may stand
before it, which limit was reached say.`;
  const head = ['reason', 'whose', 'means', 'IMAP hears', 'POP3 hears', 'SMTP hears'];
  return formatPage(
    { title: 'Why logins are refused', introduction, madeBy },
    formatMarkdownTable(head, rows),
  );
}
