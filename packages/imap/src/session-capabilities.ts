/**
 * What a session behind login can do (RFC 3501 §6.1.1): advertised by the back end that serves
 * it, and by a front end before it knows which back end that will be. Each works, and a test
 * shows it, or it is not here. What depends on the connection is the login dialogue's.
 */

/** In the order in which they are sent; IMAP4rev1 comes first, as old clients want it. */
export const SESSION_CAPABILITIES: readonly string[] = [
  'IMAP4rev1',
  /** RFC 9051 */
  'IMAP4rev2',
  /** RFC 7888 */
  'LITERAL+',
  /** RFC 5161 */
  'ENABLE',
  /** RFC 2177 */
  'IDLE',
  /** RFC 2342 */
  'NAMESPACE',
  /** RFC 2971 */
  'ID',
  /** RFC 3348 */
  'CHILDREN',
  /** RFC 4315 */
  'UIDPLUS',
  /** RFC 6851 */
  'MOVE',
  /** RFC 3691 */
  'UNSELECT',
  /** RFC 3516 */
  'BINARY',
  /** RFC 9394 */
  'PARTIAL',
  /** RFC 5465 */
  'NOTIFY',
  /** RFC 9586 */
  'UIDONLY',
  /** RFC 9585 */
  'INPROGRESS',
  /** RFC 6855 */
  'UTF8=ACCEPT',
  /** RFC 8514 */
  'SAVEDATE',
  /** RFC 8970 */
  'PREVIEW',
  /** RFC 4978 */
  'COMPRESS=DEFLATE',
  /** RFC 7162 */
  'CONDSTORE',
  'QRESYNC',
  /** RFC 6154 */
  'SPECIAL-USE',
  /** RFC 5258 */
  'LIST-EXTENDED',
  /** RFC 5819 */
  'LIST-STATUS',
  /** RFC 8438 */
  'STATUS=SIZE',
  /** RFC 4731 */
  'ESEARCH',
  /** RFC 5182 */
  'SEARCHRES',
  /** RFC 7377 */
  'MULTISEARCH',
  /** RFC 5032 */
  'WITHIN',
  /** RFC 5256 */
  'SORT',
  'THREAD=ORDEREDSUBJECT',
  'THREAD=REFERENCES',
  /** draft-ietf-morg-inthread */
  'THREAD=REFS',
  /** RFC 5957 */
  'SORT=DISPLAY',
  /** RFC 5267 */
  'ESORT',
  /** RFC 5255 §4.7: what SEARCH, SORT and THREAD compare, they compare by i;unicode-casemap. */
  'I18NLEVEL=1',
  /** RFC 3502 */
  'MULTIAPPEND',
  /** RFC 4469 */
  'CATENATE',
  /** RFC 8508 */
  'REPLACE',
  /** RFC 7889; without its value: STATUS tells. */
  'APPENDLIMIT',
  /** RFC 9208 */
  'QUOTA',
  'QUOTA=RES-STORAGE',
  'QUOTA=RES-MESSAGE',
  /** RFC 6154 §3 */
  'CREATE-SPECIAL-USE',
  /** RFC 5464 */
  'METADATA',
  /** RFC 9590 */
  'LIST-METADATA',
  /** RFC 4314; the rights that RFC 2086 did not have. */
  'ACL',
  'RIGHTS=texk',
  /** RFC 8440 */
  'LIST-MYRIGHTS',
  /** RFC 8474 */
  'OBJECTID',
];

/** The same where the limit is known for all mailboxes (RFC 7889 §2). */
export function capabilitiesWithLimit(messageBytes: number): readonly string[] {
  return SESSION_CAPABILITIES.map((name) =>
    name === 'APPENDLIMIT' ? `APPENDLIMIT=${messageBytes}` : name,
  );
}
