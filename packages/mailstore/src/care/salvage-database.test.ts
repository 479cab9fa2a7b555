/** What becomes of a damaged database: when it is replaced, by what, and when it is not. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Database, Statement } from '@homeward/durable-store';
import { mailboxLayout, type MailboxLayout } from '../mailbox-layout.ts';
import { migrateSchema } from '../schema.ts';
import {
  append,
  listUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  valueOf,
} from '../testing/mail-steps.ts';
import { createPlainDescriber } from '../testing/plain-describer.ts';
import { openSqliteHarness, type SqliteHarness } from '../testing/sqlite-harness.ts';
import { isDamage, isUnfitRow } from './sqlite-damage.ts';
import { verifyMailbox, type VerifyReport } from './verify-mailbox.ts';

const SQLITE_BUSY = 5;
const SQLITE_NOMEM = 7;
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
const PAGE_BYTES = 4096;
let harness: SqliteHarness;

const layout = (): MailboxLayout => present(mailboxLayout(harness.root, 'ACCOUNT1'));
const sqliteError = (errcode: number): Error => Object.assign(new Error('injected'), { errcode });

async function verify(isMending: boolean): Promise<VerifyReport> {
  return valueOf(
    await verifyMailbox({
      root: harness.root,
      accountId: 'ACCOUNT1',
      isMending,
      describe: createPlainDescriber,
      nowMs: Date.now(),
      epoch: 1,
    }),
  );
}

function withDatabase(work: (database: Database) => void): void {
  const database = new Database(layout().database);
  work(database);
  database.close();
}

/** Overwrites a page from each third of what lies behind the first pages. */
function damagePages(): void {
  const pageCount = Math.floor(statSync(layout().database).size / PAGE_BYTES);
  const descriptor = openSync(layout().database, 'r+');
  for (const part of [0.6, 0.75, 0.9]) {
    const position = Math.floor(pageCount * part) * PAGE_BYTES;
    writeSync(descriptor, Buffer.alloc(PAGE_BYTES, 0x5a), 0, PAGE_BYTES, position);
  }
  closeSync(descriptor);
}

/** 60 messages as version 1 kept them. */
function makeVersion1(): void {
  mkdirSync(layout().messages, { recursive: true });
  withDatabase((database) => {
    migrateSchema(database, 1);
    database.exec(`
      INSERT INTO mailbox VALUES (1, 'ACCOUNT1', 1, 'active', NULL, 7, 5, 61, 60, 0, 1, 0);
      INSERT INTO folder (path, object_id, uid_validity, uid_next, highest_mod_seq, recent_from,
        message_count, unseen_count, recent_count, total_bytes, special_use, is_selectable,
        created_ms) VALUES ('INBOX', 'F1', 4, 61, 7, 61, 60, 60, 0, 0, NULL, 1, 0);
      INSERT INTO flag_set VALUES (1, '\\Deleted');`);
    for (let uid = 1; uid <= 60; uid += 1) {
      const octets = makeMessage(`m${uid}`, 6000);
      const digest = createHash('sha256').update(octets).digest('hex');
      database.exec(`
        INSERT INTO placement VALUES (1, ${uid}, ${uid}, 1000, 0);
        INSERT INTO flag_state VALUES (1, ${uid}, 1, 7);
        INSERT INTO message VALUES (${uid}, ${octets.length}, 1, x'${digest}', NULL);
        INSERT INTO summary VALUES (${uid}, x'01', x'02', x'03');
        INSERT INTO shape VALUES (${uid}, x'7B7D');
        INSERT INTO header VALUES (${uid}, x'04');
        INSERT INTO content VALUES (${uid}, x'${octets.toString('hex')}');
        UPDATE folder SET total_bytes = total_bytes + ${octets.length};
        UPDATE mailbox SET total_bytes = total_bytes + ${octets.length};`);
    }
  });
}

beforeEach(async () => {
  harness = await openSqliteHarness();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await harness.dispose();
});

async function makeDamaged(sql?: string): Promise<void> {
  const mailbox = await openMailbox(harness.store);
  for (let at = 0; at < 60; at += 1) await append(mailbox, makeMessage(`m${at}`, 6000));
  mailbox.close();
  await harness.restart();
  if (sql !== undefined) withDatabase((database) => database.exec(sql));
  damagePages();
}

describe('a damaged database', () => {
  it.each([SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM])(
    'stays as it is if the new one cannot be written (error %d)',
    async (code) => {
      await makeDamaged();
      const before = readFileSync(layout().database);
      const run = Statement.prototype.run;
      let countdown = 40;
      vi.spyOn(Statement.prototype, 'run').mockImplementation(function (this: Statement, ...row) {
        countdown -= 1;
        if (countdown < 0) throw sqliteError(code);
        return run.apply(this, row);
      });
      await expect(verify(true)).rejects.toThrow('injected');
      expect(readFileSync(layout().database).equals(before)).toBe(true);
      const others = readdirSync(layout().folder).filter((name) => /salvaged|damaged/.test(name));
      expect(others).toEqual([]);
      vi.restoreAllMocks();
      await verify(true);
      expect(await verify(false)).toMatchObject({ findingCount: 0 });
    },
  );

  it('is there until the new one is, and stays beside it', async () => {
    await makeDamaged();
    const { ino } = statSync(layout().database);
    let isMissing = false;
    let isDone = false;
    const look = (): void => {
      isMissing ||= !existsSync(layout().database);
      if (!isDone) setImmediate(look);
    };
    look();
    await verify(true);
    isDone = true;
    expect(isMissing).toBe(false);
    const aside = present(readdirSync(layout().folder).find((name) => name.includes('.damaged-')));
    expect(statSync(`${layout().folder}/${aside}`).ino).toBe(ino);
  });

  it('keeps the seal of its mailbox', async () => {
    await makeDamaged(`UPDATE mailbox SET state = 'sealed', sealed_to = 'there'`);
    expect((await verify(true)).findings[0]?.kind).toBe('database-damaged');
    withDatabase((database) => {
      const row = database.statement('SELECT state, sealed_to FROM mailbox').row();
      expect(row).toEqual(['sealed', 'there']);
    });
  });

  it('of schema version 1 is salvaged, too', async () => {
    makeVersion1();
    damagePages();
    expect((await verify(true)).findings[0]?.kind).toBe('database-damaged');
    expect(await verify(false)).toMatchObject({ findingCount: 0 });
    const mailbox = await openMailbox(harness.store);
    expect(valueOf(await mailbox.statusOf('INBOX'))).toMatchObject({ uidValidity: 4 });
    expect(listUids(await openFolder(mailbox)).length).toBeGreaterThan(40);
  });
});

describe('a mailbox of schema version 1', () => {
  it('is looked at as it is', async () => {
    makeVersion1();
    expect(await verify(false)).toMatchObject({ findingCount: 0, messageCount: 60 });
    withDatabase((database) => database.exec('UPDATE folder SET unseen_count = 1'));
    expect((await verify(false)).findings.map(({ kind }) => kind)).toEqual(['wrong-folder-sums']);
    withDatabase((database) => {
      expect(database.statement('PRAGMA user_version').row()).toEqual([1]);
    });
  });
});

describe('checkIntegrity()', () => {
  it.each([SQLITE_BUSY, SQLITE_IOERR, SQLITE_NOMEM])(
    'takes error %d for none of the file',
    async (code) => {
      await openMailbox(harness.store).then((mailbox) => mailbox.close());
      await harness.restart();
      const rows = Statement.prototype.rows;
      vi.spyOn(Statement.prototype, 'rows').mockImplementation(() => {
        throw sqliteError(code);
      });
      await expect(verify(false)).rejects.toThrow('injected');
      await expect(verify(true)).rejects.toThrow('injected');
      Statement.prototype.rows = rows;
      expect(readdirSync(layout().folder).filter((name) => name.includes('damaged'))).toEqual([]);
    },
  );
});

describe('isDamage() and isUnfitRow()', () => {
  it.each<[unknown, boolean, boolean]>([
    [sqliteError(11), true, false],
    [sqliteError(26), true, false],
    [sqliteError(11 | (1 << 8)), true, false],
    [Object.assign(new Error('number'), { code: 'ERR_OUT_OF_RANGE' }), true, false],
    [sqliteError(19 | (12 << 8)), false, true],
    [sqliteError(20), false, true],
    [sqliteError(1), false, false],
    [sqliteError(SQLITE_BUSY), false, false],
    [sqliteError(SQLITE_FULL), false, false],
    [sqliteError(SQLITE_IOERR | (1 << 8)), false, false],
    [new Error('none of the database'), false, false],
    ['text', false, false],
  ])('tell damage and unfit rows from the rest (%#)', (error, damage, unfit) => {
    expect([isDamage(error), isUnfitRow(error)]).toEqual([damage, unfit]);
  });
});
