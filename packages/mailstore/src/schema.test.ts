/** Mailboxes of earlier schema versions, and code of those versions at work on later ones. */
import { mkdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { Database } from '@homeward/durable-store';
import type { ModSeq } from './api.ts';
import { mailboxLayout, type MailboxLayout } from './mailbox-layout.ts';
import { createInlineMaintenance } from './maintenance.ts';
import { migrateSchema, SCHEMA_VERSION } from './schema.ts';
import {
  append,
  asUid,
  flagsOf,
  listUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  readMessage,
  valueOf,
} from './testing/mail-steps.ts';
import { openSqliteHarness, type SqliteHarness } from './testing/sqlite-harness.ts';

let harness: SqliteHarness;

const layout = (): MailboxLayout => present(mailboxLayout(harness.root, 'ACCOUNT1'));

afterEach(async () => {
  await harness.dispose();
});

function withDatabase(work: (database: Database) => void): void {
  const database = new Database(layout().database);
  try {
    work(database);
  } finally {
    database.close();
  }
}

/** Appends as code of version 1 does, with positional inserts. */
function appendAsVersion1(database: Database, uid: number, octets: Buffer, flags: string): void {
  database.exec(`
    BEGIN;
    UPDATE mailbox SET mod_seq = mod_seq + 1, message_count = message_count + 1,
      total_bytes = total_bytes + ${octets.length}, next_message_id = next_message_id + 1;
    INSERT OR IGNORE INTO flag_set (names) VALUES ('${flags}');
    INSERT INTO placement VALUES (1, ${uid}, ${uid}, 1000, 0);
    INSERT INTO flag_state
      SELECT 1, ${uid}, f.id, m.mod_seq FROM flag_set f, mailbox m WHERE f.names = '${flags}';
    INSERT INTO message (id, size_bytes, ref_count, digest, file)
      VALUES (${uid}, ${octets.length}, 1, x'00', NULL);
    INSERT INTO summary VALUES (${uid}, x'01', x'02', x'03');
    INSERT INTO shape VALUES (${uid}, x'7B7D');
    INSERT INTO header VALUES (${uid}, x'04');
    INSERT INTO content VALUES (${uid}, x'${octets.toString('hex')}');
    UPDATE folder SET uid_next = ${uid} + 1, highest_mod_seq = (SELECT mod_seq FROM mailbox),
      message_count = message_count + 1, unseen_count = unseen_count + 1,
      total_bytes = total_bytes + ${octets.length} WHERE id = 1;
    COMMIT`);
}

/** A mailbox as version 1 made it: INBOX with one deleted message and one expunge. */
function makeVersion1(): void {
  mkdirSync(layout().messages, { recursive: true });
  withDatabase((database) => {
    migrateSchema(database, 1);
    database.exec(`
      INSERT INTO mailbox VALUES (1, 'ACCOUNT1', 1, 'active', NULL, 7, 5, 2, 0, 0, 1, 0);
      INSERT INTO folder (path, object_id, uid_validity, uid_next, highest_mod_seq, recent_from,
        message_count, unseen_count, recent_count, total_bytes, special_use, is_selectable,
        created_ms) VALUES ('INBOX', 'F1', 4, 2, 7, 2, 0, 0, 0, 0, NULL, 1, 0);
      INSERT INTO expunged VALUES (1, 7, 1)`);
    appendAsVersion1(database, 2, makeMessage('old'), '\\Deleted $Old');
  });
}

describe('a mailbox of schema version 1', () => {
  it('is brought up to date, with what it has and the sums it lacks', async () => {
    harness = await openSqliteHarness({ maintenance: createInlineMaintenance() });
    makeVersion1();
    const mailbox = await openMailbox(harness.store);
    const folder = await openFolder(mailbox);
    expect(listUids(folder)).toEqual([2]);
    expect(flagsOf(folder, asUid(2))).toEqual(['\\Deleted', '$Old']);
    expect(await readMessage(folder, asUid(2))).toEqual(makeMessage('old'));
    expect(await folder.expungedSince(0 as ModSeq)).toEqual([1]);
    expect(valueOf(await mailbox.statusOf('INBOX'))).toMatchObject({
      deletedCount: 1,
      deletedBytes: makeMessage('old').length,
    });
    expect(await append(mailbox, makeMessage('new'))).toBe(3);
    await harness.store.close();
    withDatabase((database) => {
      expect(database.statement('PRAGMA user_version').row()).toEqual([SCHEMA_VERSION]);
      expect(database.statement('SELECT oldest_code_version FROM mailbox').row()).toEqual([1]);
    });
  });
});

describe('a mailbox of this schema version', () => {
  it('may be used by code of version 1 in between', async () => {
    harness = await openSqliteHarness({ maintenance: createInlineMaintenance() });
    let mailbox = await openMailbox(harness.store);
    await append(mailbox, makeMessage('first'), { flags: ['\\Deleted'] });
    mailbox.close();
    await harness.restart();
    const octets = makeMessage('older code');
    withDatabase((database) => appendAsVersion1(database, 2, octets, '\\Deleted'));
    mailbox = await openMailbox(harness.store);
    expect(valueOf(await mailbox.statusOf('INBOX'))).toMatchObject({
      messageCount: 2,
      deletedCount: 2,
      deletedBytes: makeMessage('first').length + octets.length,
    });
    expect(await readMessage(await openFolder(mailbox), asUid(2))).toEqual(octets);
  });
});
