/**
 * The inbox for a POP3 session that may change nothing: a delegate's who may only read.
 *
 * Gap: DELE is answered by +OK, and only QUIT says that nothing was removed (RFC 1939 §6).
 */
import type { Maildrop } from '@homeward/mailstore';

export function readOnlyMaildrop(maildrop: Maildrop): Maildrop {
  return {
    get messageCount() {
      return maildrop.messageCount;
    },
    sizeBytesAt: (index) => maildrop.sizeBytesAt(index),
    uidlAt: (index) => maildrop.uidlAt(index),
    open: (index) => maildrop.open(index),
    readShape: (index) => maildrop.readShape(index),
    remove: (indexes) => Promise.resolve(indexes.length === 0),
    markSeen: () => undefined,
    unlock: () => maildrop.unlock(),
    close: () => maildrop.close(),
  };
}
