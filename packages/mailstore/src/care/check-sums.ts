/**
 * What is counted beside the rows: how often a message is used, sums of folders and of the
 * mailbox, and counters that must be above everything that was ever given.
 */
import type { Row } from '@homeward/durable-store';
import { placeInRecovered } from './recovered-folder.ts';
import type { CareJob } from './findings.ts';

/** Within a transaction or out of it; gone with the connection. */
const COUNT_USES = `
  DROP TABLE IF EXISTS temp.use_count;
  CREATE TEMP TABLE use_count AS
    SELECT message_id, count(*) AS uses FROM placement GROUP BY message_id;
  CREATE UNIQUE INDEX temp.use_of_message ON use_count (message_id);
`;

/** In the order of what is counted; `newer`: since schema version 2. */
const KEPT_SUMS = ['message_count', 'total_bytes', 'unseen_count', 'recent_count'] as const;
const NEWER_SUMS = ['deleted_count', 'deleted_bytes', 'history_count'] as const;
const SUM_COUNT = KEPT_SUMS.length + NEWER_SUMS.length;

const folderSums = (newer: string): string => `
  SELECT f.id, f.object_id, ${newer},
    ${KEPT_SUMS.map((name) => `f.${name}`).join(', ')},
    count(p.uid), coalesce(sum(m.size_bytes), 0),
    coalesce(sum(NOT (s.padded LIKE '% \\Seen %')), 0),
    coalesce(sum(p.uid >= f.recent_from), 0),
    coalesce(sum(s.padded LIKE '% \\Deleted %'), 0),
    coalesce(sum(iif(s.padded LIKE '% \\Deleted %', m.size_bytes, 0)), 0),
    (SELECT count(*) FROM expunged e WHERE e.folder_id = f.id)
  FROM folder f
  LEFT JOIN placement p ON p.folder_id = f.id
  LEFT JOIN message m ON m.id = p.message_id
  LEFT JOIN flag_state t ON t.folder_id = p.folder_id AND t.uid = p.uid
  LEFT JOIN (SELECT id, ' ' || names || ' ' AS padded FROM flag_set) s ON s.id = t.flag_set_id
  WHERE f.path IS NOT NULL GROUP BY f.id`;

/**
 * What code of version 1 left, it did not count: `heal-folders.ts` does before the mailbox is
 * opened next.
 */
const FOLDER_SUMS = folderSums(
  `f.highest_mod_seq = f.known_mod_seq, ${NEWER_SUMS.map((name) => `f.${name}`).join(', ')}`,
);
const FOLDER_SUMS_OF_VERSION_1 = folderSums('0, 0, 0, 0');

/** Messages used more or less often than they are said to be: too few would remove them. */
export function checkReferences(job: CareJob): void {
  job.database.exec(COUNT_USES);
  const rows = job.database
    .statement(
      `SELECT m.id, m.size_bytes, coalesce(u.uses, 0) FROM message m
       LEFT JOIN temp.use_count u ON u.message_id = m.id
       WHERE m.ref_count <> coalesce(u.uses, 0) AND m.ref_count <> -1`,
    )
    .rows();
  for (const row of rows) checkReference(job, row);
}

function checkReference(job: CareJob, row: Row): void {
  const [messageId = 0, sizeBytes = 0, uses = 0] = row.map(Number);
  const kind = uses === 0 ? 'message-without-placement' : 'wrong-reference-count';
  job.found(kind, `message ${messageId}`, (tx) => {
    if (uses === 0) {
      placeInRecovered(tx, { messageId, sizeBytes, epochMs: job.nowMs, zoneMinutes: 0 });
    }
    tx.database
      .statement('UPDATE message SET ref_count = ? WHERE id = ?')
      .run(Math.max(1, uses), messageId);
  });
}

/** Sums, once everything else is right. */
export function checkSums(job: CareJob): void {
  const sums = readVersion(job) < 2 ? FOLDER_SUMS_OF_VERSION_1 : FOLDER_SUMS;
  for (const row of job.database.statement(sums).rows()) checkFolderSums(job, row);
  const totals = job.database
    .statement(
      `SELECT m.message_count, m.total_bytes, coalesce(sum(f.message_count), 0),
         coalesce(sum(f.total_bytes), 0)
       FROM mailbox m LEFT JOIN folder f ON f.path IS NOT NULL`,
    )
    .row();
  const [count, bytes, actualCount, actualBytes] = (totals ?? []).map(Number);
  if (count !== actualCount || bytes !== actualBytes) {
    job.found('wrong-mailbox-sums', 'mailbox', (tx) =>
      tx.setUsage({ messageCount: actualCount ?? 0, totalBytes: actualBytes ?? 0 }),
    );
  }
}

function readVersion({ database }: CareJob): number {
  return Number(database.statement('PRAGMA user_version').row()?.[0]);
}

function checkFolderSums(job: CareJob, [id, objectId, ...row]: Row): void {
  const [hasNewer, ...numbers] = row.map(Number);
  const newer = numbers.slice(0, NEWER_SUMS.length);
  const kept = [...numbers.slice(NEWER_SUMS.length, SUM_COUNT), ...(hasNewer === 1 ? newer : [])];
  const actual = numbers.slice(SUM_COUNT);
  if (kept.every((value, at) => value === actual[at])) return;
  job.found('wrong-folder-sums', `folder ${String(objectId)}`, (tx) => {
    const folder = tx.findFolderById(Number(id));
    if (folder === undefined) return;
    [
      folder.messageCount = 0,
      folder.totalBytes = 0,
      folder.unseenCount = 0,
      folder.recentCount = 0,
      folder.deletedCount = 0,
      folder.deletedBytes = 0,
      folder.historyCount = 0,
    ] = actual;
  });
}

/** Counters and what they must exceed, or reach. */
const COUNTERS = [
  [
    'UIDNEXT',
    `SELECT f.id, f.object_id, f.uid_next, max(
       coalesce((SELECT max(uid) FROM placement p WHERE p.folder_id = f.id), 0),
       coalesce((SELECT max(uid) FROM flag_state t WHERE t.folder_id = f.id), 0),
       coalesce((SELECT max(uid) FROM expunged e WHERE e.folder_id = f.id), 0)) + 1 AS least
     FROM folder f WHERE f.path IS NOT NULL AND f.uid_next < least`,
    'UPDATE folder SET uid_next = ?2, known_uid_next = ?2 WHERE id = ?1',
  ],
  [
    'HIGHESTMODSEQ',
    `SELECT f.id, f.object_id, f.highest_mod_seq, max(
       coalesce((SELECT max(mod_seq) FROM flag_state t WHERE t.folder_id = f.id), 0),
       coalesce((SELECT max(mod_seq) FROM expunged e WHERE e.folder_id = f.id), 0)) AS least
     FROM folder f WHERE f.path IS NOT NULL AND f.highest_mod_seq < least`,
    'UPDATE folder SET highest_mod_seq = ?2, known_mod_seq = ?2 WHERE id = ?1',
  ],
  [
    'mod_seq',
    `SELECT m.id, '', m.mod_seq, (SELECT max(highest_mod_seq) FROM folder) AS least
     FROM mailbox m WHERE m.mod_seq < least`,
    'UPDATE mailbox SET mod_seq = ?2 WHERE id = ?1',
  ],
  [
    'next_uid_validity',
    `SELECT m.id, '', m.next_uid_validity, (SELECT max(uid_validity) FROM folder) + 1 AS least
     FROM mailbox m WHERE m.next_uid_validity < least`,
    'UPDATE mailbox SET next_uid_validity = ?2 WHERE id = ?1',
  ],
  [
    'next_message_id',
    `SELECT m.id, '', m.next_message_id, (SELECT max(id) FROM message) + 1 AS least
     FROM mailbox m WHERE m.next_message_id < least`,
    'UPDATE mailbox SET next_message_id = ?2 WHERE id = ?1',
  ],
] as const;

/** Before anything is mended that takes new numbers from them. */
export function checkCounters(job: CareJob): void {
  for (const [name, select, update] of COUNTERS) {
    for (const [id, objectId, , least] of job.database.statement(select).rows()) {
      const subject = `${name}${objectId === '' ? '' : ` of folder ${String(objectId)}`}`;
      if (job.isMending) job.database.statement(update).run(Number(id), Number(least));
      job.note({ kind: 'wrong-counter', subject, isMended: job.isMending });
    }
  }
}
