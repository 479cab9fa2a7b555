/** SMTP and LMTP as text: commands, paths, parameters, replies. */
export type { SmtpCommand, SmtpCommandName, SmtpCommandOf } from './command.ts';
export { formatProblem } from './command-problem.ts';
export { formatCommand, SMTP_COMMANDS } from './command-table.ts';
export { formatExtensions, OPTIONAL_EXTENSIONS } from './extensions.ts';
export type { OptionalExtension, ServiceOffer } from './extensions.ts';
export { formatMailbox, formatPath, parseMailbox } from './mail-path.ts';
export type { MailPath } from './mail-path.ts';
export {
  formatMailParameters,
  formatRecipientParameters,
  NO_MAIL_PARAMETERS,
  NO_RECIPIENT_PARAMETERS,
} from './parameters.ts';
export type { MailParameters, NotifyOccasion, RecipientParameters } from './parameters.ts';
export { parseCommand } from './parse-command.ts';
export type { CommandProblem, ParsedCommand } from './parse-command.ts';
export { formatReply, formatReplyLines, parseReplyLine } from './reply.ts';
export type { EnhancedCode, Reply, ReplyLine } from './reply.ts';
export { formatSessionEnd } from './session-end-words.ts';
