/** Sample mail for demonstrations and tests. Pure: the same arguments give the same octets. */
export {
  sampleMailbox,
  type SampleFolder,
  type SampleMailbox,
  type SampleMailboxOptions,
  type SampleMessage,
  type SampleSpecialUse,
} from './sample-mailbox.ts';
export { sampleMessage } from './sample-message.ts';
