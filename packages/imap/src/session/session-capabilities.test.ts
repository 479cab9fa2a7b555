/** Every capability that is advertised is there, shown by what it adds. */
import { afterEach, describe, expect, it } from 'vitest';
import { SESSION_CAPABILITIES } from '../session-capabilities.ts';
import { SessionPeer, createTestMailbox, deliver } from './testing/session-peer.ts';

/** What is said, and what the answer must hold. */
const proofs: Readonly<Record<string, readonly [say: string, hear: RegExp]>> = {
  IMAP4rev1: ['a1 STATUS INBOX (MESSAGES)', /^\* STATUS INBOX \(MESSAGES 1\)$/m],
  IMAP4rev2: ['a0 ENABLE IMAP4rev2\r\na1 SEARCH ALL', /^\* ESEARCH \(TAG "a1"\) ALL 1$/m],
  'LITERAL+': ['a1 STATUS {5+}\r\nINBOX (MESSAGES)', /^a1 OK/m],
  ENABLE: ['a1 ENABLE X-NOTHING', /^\* ENABLED$/m],
  IDLE: ['a1 IDLE\r\nDONE', /^\+ [^]*^a1 OK/m],
  NAMESPACE: ['a1 NAMESPACE', /^\* NAMESPACE \(\("" "\/"\)\) NIL NIL$/m],
  ID: ['a1 ID ("name" "test")', /^\* ID \("name" "Homeward"\)$/m],
  CHILDREN: ['a1 LIST "" INBOX', /\\HasNoChildren/],
  UIDPLUS: ['a1 UID COPY 1 Sent', /^a1 OK \[COPYUID \d+ 1 1\]/m],
  MOVE: ['a1 MOVE 1 Sent', /^\* 1 EXPUNGE$/m],
  UNSELECT: ['a1 UNSELECT', /^a1 OK/m],
  BINARY: ['a1 FETCH 1 (BINARY.SIZE[1])', /^\* 1 FETCH \(BINARY\.SIZE\[1\] 0\)$/m],
  'UTF8=ACCEPT': ['a1 ENABLE UTF8=ACCEPT', /^\* ENABLED UTF8=ACCEPT$/m],
  SAVEDATE: ['a1 FETCH 1 SAVEDATE', /^\* 1 FETCH \(SAVEDATE "23-Nov-2026 00:00:00 \+0000"\)$/m],
  PREVIEW: ['a1 FETCH 1 (PREVIEW)', /^\* 1 FETCH \(PREVIEW ""\)$/m],
  'COMPRESS=DEFLATE': ['a1 COMPRESS DEFLATE', /^a1 OK /m],
  PARTIAL: ['a1 UID FETCH 1:* UID (PARTIAL -1:-1)', /^\* 1 FETCH \(UID 1\)$/m],
  NOTIFY: ['a1 NOTIFY SET STATUS (personal (MessageNew MessageExpunge))', /^\* STATUS Sent /m],
  UIDONLY: ['a1 ENABLE UIDONLY', /^\* ENABLED UIDONLY$/m],
  CONDSTORE: ['a1 FETCH 1 (MODSEQ)', /^\* 1 FETCH \(MODSEQ \(\d+\)\)$/m],
  QRESYNC: ['a1 ENABLE QRESYNC', /^\* ENABLED QRESYNC$/m],
  'SPECIAL-USE': ['a1 LIST "" Sent', /\\Sent\b/],
  'LIST-EXTENDED': [
    'a1 LIST (SUBSCRIBED) "" (INBOX)',
    /^\* LIST \([^)]*\\Subscribed\) "\/" INBOX$/m,
  ],
  'LIST-STATUS': [
    'a1 LIST "" INBOX RETURN (STATUS (MESSAGES))',
    /^\* STATUS INBOX \(MESSAGES 1\)$/m,
  ],
  'STATUS=SIZE': ['a1 STATUS INBOX (SIZE)', /^\* STATUS INBOX \(SIZE 14\)$/m],
  ESEARCH: ['a1 SEARCH RETURN (COUNT) ALL', /^\* ESEARCH \(TAG "a1"\) COUNT 1$/m],
  SEARCHRES: ['a0 SEARCH RETURN (SAVE) ALL\r\na1 FETCH $ UID', /^\* 1 FETCH \(UID 1\)$/m],
  MULTISEARCH: ['a1 ESEARCH IN (personal) ALL', /^\* ESEARCH \(TAG "a1" MAILBOX INBOX .*ALL 1$/m],
  WITHIN: ['a1 SEARCH YOUNGER 60', /^\* SEARCH 1$/m],
  SORT: ['a1 SORT (DATE) UTF-8 ALL', /^\* SORT 1$/m],
  'THREAD=ORDEREDSUBJECT': ['a1 THREAD ORDEREDSUBJECT UTF-8 ALL', /^\* THREAD \(1\)$/m],
  'THREAD=REFERENCES': ['a1 THREAD REFERENCES UTF-8 ALL', /^\* THREAD \(1\)$/m],
  'THREAD=REFS': ['a1 THREAD REFS UTF-8 ALL', /^\* THREAD \(1\)$/m],
  'SORT=DISPLAY': ['a1 SORT (DISPLAYFROM) UTF-8 ALL', /^\* SORT 1$/m],
  ESORT: ['a1 SORT RETURN (MIN) (DATE) UTF-8 ALL', /^\* ESEARCH \(TAG "a1"\) MIN 1$/m],
  'I18NLEVEL=1': ['a1 SEARCH CHARSET UTF-8 SUBJECT {2+}\r\n\xc3\x84', /^\* SEARCH$/m],
  MULTIAPPEND: ['a1 APPEND Sent {1+}\r\nx {1+}\r\ny', /^a1 OK \[APPENDUID \d+ 1:2\]/m],
  CATENATE: ['a1 APPEND Sent CATENATE (URL /INBOX/;UID=1)', /^a1 OK \[APPENDUID \d+ 1\]/m],
  REPLACE: ['a1 REPLACE 1 INBOX {1+}\r\nx', /^\* 1 EXPUNGE$/m],
  APPENDLIMIT: ['a1 STATUS INBOX (APPENDLIMIT)', /APPENDLIMIT 1000000/],
  ACL: ['a0 SETACL INBOX bob lr\r\na1 GETACL INBOX', /^\* ACL INBOX owner \S+ bob lr$/m],
  'RIGHTS=texk': ['a1 MYRIGHTS INBOX', /^\* MYRIGHTS INBOX (?=.*t)(?=.*e)(?=.*x)(?=.*k)/m],
  'LIST-MYRIGHTS': ['a1 LIST "" INBOX RETURN (MYRIGHTS)', /^\* MYRIGHTS INBOX lr/m],
  QUOTA: ['a1 GETQUOTAROOT INBOX', /^\* QUOTAROOT INBOX ""$/m],
  'QUOTA=RES-STORAGE': ['a1 GETQUOTA ""', /\(STORAGE 1 97/],
  'QUOTA=RES-MESSAGE': ['a1 GETQUOTA ""', /MESSAGE 1 10\)$/m],
  'CREATE-SPECIAL-USE': ['a1 CREATE Spam (USE (\\Junk))', /^a1 OK/m],
  METADATA: [
    'a0 SETMETADATA INBOX (/private/comment "x")\r\na1 GETMETADATA INBOX /private/comment',
    /^\* METADATA INBOX \(\/private\/comment "x"\)$/m,
  ],
  'LIST-METADATA': [
    'a1 LIST "" INBOX RETURN (METADATA (/private/comment))',
    /^\* METADATA INBOX \(\/private\/comment NIL\)$/m,
  ],
  OBJECTID: ['a1 STATUS INBOX (MAILBOXID)', /MAILBOXID \(F\d+\)/],
};

/** What needs more than a line to be shown: `progress.test.ts`. */
const shownElsewhere: readonly string[] = ['INPROGRESS'];

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

describe('SESSION_CAPABILITIES', () => {
  it.each(SESSION_CAPABILITIES.filter((name) => !shownElsewhere.includes(name)))(
    'has %s by right',
    async (capability) => {
      const mailbox = createTestMailbox({
        specialUses: { Sent: '\\Sent' },
        quotaBytes: 100_000,
        quotaMessages: 10,
      });
      await deliver(mailbox, 'Subject: 1\r\n\r\n');
      const peer = new SessionPeer({ mailbox });
      open.push(peer);
      await peer.command('s SELECT INBOX');
      const [say, hear] = proofs[capability] ?? ['a1 NOOP', /no proof/];
      peer.send(`${say}\r\n`);
      const { untagged, tagged } = await peer.readAnswer('a1');
      expect([...untagged, tagged].join('\n')).toMatch(hear);
    },
  );
});
