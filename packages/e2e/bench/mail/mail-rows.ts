/** The rows of the mail benchmark. */
import {
  LMTP,
  type MailLoad,
  manyMessages,
  oneToMany,
  type Sending,
  SUBMISSION,
  SUBMISSION_EACH,
} from './measure-mail.ts';
import type { MailTarget } from './mail-target.ts';

export interface MailRow {
  /** For `--only`. */
  readonly id: string;
  readonly title: (load: MailLoad) => string;
  readonly plan: (target: MailTarget, load: MailLoad) => Sending;
}

export const MAIL_ROWS: readonly MailRow[] = [
  {
    id: 'submission',
    title: ({ clientCount }) => `submission, ${clientCount} sessions`,
    plan: (target, load) => manyMessages(target, load, SUBMISSION),
  },
  {
    id: 'submission-login',
    title: ({ clientCount }) => `submission, ${clientCount} at once, a login each`,
    plan: (target, load) => manyMessages(target, load, SUBMISSION_EACH),
  },
  {
    id: 'lmtp',
    title: ({ clientCount }) => `LMTP, ${clientCount} sessions`,
    plan: (target, load) => manyMessages(target, load, LMTP),
  },
  {
    id: 'many-recipients',
    title: ({ recipientCount }) => `submission of one message to ${recipientCount}`,
    plan: (target, load) => oneToMany(target, load),
  },
];
