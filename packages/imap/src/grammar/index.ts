/** IMAP's grammar: octets into commands, values into responses. */
export { formatCalendarDay, parseInternalDate } from './calendar.ts';
export type {
  BodySection,
  CalendarDay,
  Command,
  CommandName,
  CommandOf,
  FetchItem,
  FlagName,
  InternalDate,
  Numbering,
  SearchKey,
  StatusItem,
} from './command.ts';
export type { CommandEvent, CommandReader, CommandReaderLimits } from './command-reader.ts';
export type { CommandProblem } from './command-problem.ts';
export { createCommandReader } from './create-command-reader.ts';
export { decodeModifiedUtf7, encodeModifiedUtf7, parseMailboxName } from './mailbox-name.ts';
export {
  formatNumberSet,
  formatSequenceSet,
  normalizeNumberSet,
  spansContain,
} from './number-set.ts';
export type { NumberRange, NumberSet, NumberSpan } from './number-set.ts';
export { formatBodyStructure } from './responses/body-structure.ts';
export type { BodyStructureForm } from './responses/body-structure.ts';
export { formatInternalDate } from './responses/dates.ts';
export { formatEnvelope } from './responses/envelope.ts';
export { formatFlagList } from './responses/flags.ts';
export { formatMailbox } from './responses/mailbox.ts';
export { formatResponseCode } from './responses/response-code.ts';
export type { PlainResponseCode, ResponseCode } from './responses/response-code.ts';
export { formatContinuation, formatStatus } from './responses/status-response.ts';
export type { StatusCondition } from './responses/status-response.ts';
export { formatAstring, formatNString, formatString } from './responses/strings.ts';
export { decodeSearchText, isSearchCharset, OFFERED_CHARSETS } from './search-charset.ts';
export { formatSection } from './section.ts';
export { formatSessionEnd } from './session-end-words.ts';
