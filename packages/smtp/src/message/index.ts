/** What servers do to the header of a message on its way. */
export { formatDateTime } from './date-time.ts';
export { formatDeliveryNotice } from './delivery-notice.ts';
export type { DeliveryNotice } from './delivery-notice.ts';
export type { DeliveryNoticeFacts, DeliveryNoticeKind, NoticeRecipient } from './notice-facts.ts';
export { splitFields } from './header-fields.ts';
export type { RawField } from './header-fields.ts';
export { HeaderSplitter } from './header-splitter.ts';
export type { SplitPiece } from './header-splitter.ts';
export { formatReceived } from './received.ts';
export type { ReceivedFacts } from './received.ts';
export { prepareSubmittedHeader } from './submitted-header.ts';
export type { HeaderProblem, PreparedHeader, SubmissionFacts } from './submitted-header.ts';
