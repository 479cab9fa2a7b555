/** The inbox for a POP3 session that may change nothing: a delegate's who may only read. */
import type { MaildropPort } from '@homeward/pop3/session';

/** DELE is refused, and nothing is marked as read. */
export function readOnlyMaildrop(maildrop: MaildropPort): MaildropPort {
  return {
    mayRemove: false,
    get messageCount() {
      return maildrop.messageCount;
    },
    sizeBytesAt: (index) => maildrop.sizeBytesAt(index),
    uidlAt: (index) => maildrop.uidlAt(index),
    open: (index) => maildrop.open(index),
    findHeaders: (index) => maildrop.findHeaders(index),
    findExpired: () => Promise.resolve(new Uint32Array(0)),
    remove: (indexes) => Promise.resolve(indexes.length === 0),
    markSeen: () => undefined,
    unlock: () => maildrop.unlock(),
  };
}
