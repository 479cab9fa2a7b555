/**
 * Which RFC each advertised capability stands for. A capability that is offered and is not here
 * fails a test: what is offered has to be specified somewhere.
 */

/** Where a capability is specified. */
export interface CapabilitySource {
  readonly rfc: number;
  /** Where the RFC specifies several. */
  readonly section?: string;
}

/** By its name without a value: `AUTH` for `AUTH=PLAIN`, unless the value has a row of its own. */
export const IMAP_CAPABILITY_SOURCES: Readonly<Record<string, CapabilitySource | 'draft'>> = {
  IMAP4rev1: { rfc: 3501 },
  IMAP4rev2: { rfc: 9051 },
  'AUTH=PLAIN': { rfc: 4616 },
  'AUTH=LOGIN': 'draft',
  'AUTH=SCRAM-SHA-256': { rfc: 7677 },
  'AUTH=SCRAM-SHA-256-PLUS': { rfc: 7677 },
  'AUTH=XOAUTH2': 'draft',
  'AUTH=OAUTHBEARER': { rfc: 7628 },
  'SASL-IR': { rfc: 4959 },
  STARTTLS: { rfc: 3501, section: '6.2.1' },
  LOGINDISABLED: { rfc: 3501, section: '6.2.3' },
  'LITERAL+': { rfc: 7888 },
  ENABLE: { rfc: 5161 },
  IDLE: { rfc: 2177 },
  NAMESPACE: { rfc: 2342 },
  ID: { rfc: 2971 },
  CHILDREN: { rfc: 3348 },
  UIDPLUS: { rfc: 4315 },
  MOVE: { rfc: 6851 },
  UNSELECT: { rfc: 3691 },
  BINARY: { rfc: 3516 },
  PARTIAL: { rfc: 9394 },
  UIDONLY: { rfc: 9586 },
  INPROGRESS: { rfc: 9585 },
  NOTIFY: { rfc: 5465 },
  'UTF8=ACCEPT': { rfc: 6855 },
  SAVEDATE: { rfc: 8514 },
  PREVIEW: { rfc: 8970 },
  'COMPRESS=DEFLATE': { rfc: 4978 },
  CONDSTORE: { rfc: 7162 },
  QRESYNC: { rfc: 7162 },
  'SPECIAL-USE': { rfc: 6154 },
  'CREATE-SPECIAL-USE': { rfc: 6154, section: '3' },
  'LIST-EXTENDED': { rfc: 5258 },
  'LIST-STATUS': { rfc: 5819 },
  'LIST-METADATA': { rfc: 9590 },
  'LIST-MYRIGHTS': { rfc: 8440 },
  'STATUS=SIZE': { rfc: 8438 },
  ESEARCH: { rfc: 4731 },
  SEARCHRES: { rfc: 5182 },
  MULTISEARCH: { rfc: 7377 },
  WITHIN: { rfc: 5032 },
  SORT: { rfc: 5256 },
  'SORT=DISPLAY': { rfc: 5957 },
  ESORT: { rfc: 5267 },
  'CONTEXT=SEARCH': { rfc: 5267 },
  'CONTEXT=SORT': { rfc: 5267 },
  'THREAD=ORDEREDSUBJECT': { rfc: 5256 },
  'THREAD=REFERENCES': { rfc: 5256 },
  'THREAD=REFS': 'draft',
  'I18NLEVEL=1': { rfc: 5255, section: '4.2' },
  MULTIAPPEND: { rfc: 3502 },
  CATENATE: { rfc: 4469 },
  REPLACE: { rfc: 8508 },
  APPENDLIMIT: { rfc: 7889 },
  QUOTA: { rfc: 9208 },
  'QUOTA=RES-STORAGE': { rfc: 9208 },
  'QUOTA=RES-MESSAGE': { rfc: 9208 },
  QUOTASET: { rfc: 9208 },
  METADATA: { rfc: 5464 },
  ACL: { rfc: 4314 },
  RIGHTS: { rfc: 4314 },
  OBJECTID: { rfc: 8474 },
};

/** By the first word of a CAPA line. */
export const POP3_CAPABILITY_SOURCES: Readonly<Record<string, CapabilitySource>> = {
  TOP: { rfc: 1939, section: '7' },
  UIDL: { rfc: 1939, section: '7' },
  USER: { rfc: 1939, section: '7' },
  SASL: { rfc: 5034 },
  STLS: { rfc: 2595, section: '4' },
  'RESP-CODES': { rfc: 2449, section: '8' },
  'AUTH-RESP-CODE': { rfc: 3206 },
  PIPELINING: { rfc: 2449, section: '6.6' },
  EXPIRE: { rfc: 2449, section: '6.7' },
  'LOGIN-DELAY': { rfc: 2449, section: '6.5' },
  IMPLEMENTATION: { rfc: 2449, section: '6.9' },
  UTF8: { rfc: 6856, section: '2' },
  LANG: { rfc: 6856, section: '3' },
};
