import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createTempFolder, FakeClock } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMetrics, SERVICE_METRICS } from '../metrics/index.ts';
import { ProtocolLog } from './protocol-log.ts';
import { protocolLogSchema, type ProtocolLogSettings } from './protocol-log-settings.ts';
import { RollingFile } from './rolling-file.ts';
import { SessionLog } from './session-log.ts';

let folder: Awaited<ReturnType<typeof createTempFolder>>;
let clock: FakeClock;
let settings: ProtocolLogSettings;
let events: { name: string; fields: unknown }[];
let log: ProtocolLog;
const metrics = createMetrics({ catalogue: SERVICE_METRICS, worker: '0', includesProcess: false });

beforeEach(async () => {
  folder = await createTempFolder('protocol-log');
  clock = new FakeClock();
  settings = protocolLogSchema.parse({ imap: 'frontend', folder: folder.join('logs') });
  events = [];
  log = openLog();
});
afterEach(async () => {
  await log.close();
  await folder[Symbol.asyncDispose]();
});

function openLog(): ProtocolLog {
  return new ProtocolLog({
    half: 'frontend',
    settings: () => settings,
    clock,
    metrics,
    log: { log: (name, fields) => events.push({ name, fields }) },
  });
}

function sessionLog(sessionId = 'A1'): SessionLog {
  return new SessionLog(log, {
    protocol: 'imap',
    sessionId,
    server: { address: '::1', port: 993 },
    client: { address: '192.0.2.7', port: 51_420 },
  });
}

function note(session: SessionLog, command = 'noop'): void {
  session.add(() => ({ command, context: { result: 'OK' } }));
}

function list(): Promise<readonly string[]> {
  return readdir(settings.folder).then((names) => names.toSorted());
}

async function linesOf(name: string): Promise<readonly string[]> {
  const text = await readFile(`${settings.folder}/${name}`, 'utf8');
  expect(text.endsWith('\r\n')).toBe(true);
  return text.split('\r\n').slice(6, -1);
}

/** The day of the fake clock. */
function today(): string {
  return new Date(clock.nowMs()).toISOString().slice(0, 10).replaceAll('-', '');
}

describe('ProtocolLog', () => {
  test('writes Exchange’s head and columns, as CSV, one file a day', async () => {
    const session = sessionLog();
    session.user = 'anna@example.test';
    session.add(() => ({
      command: 'login',
      parameters: 'anna@example.test *****',
      durationMs: 12.4,
      requestBytes: 40,
      responseBytes: 300,
      context: { result: 'OK', message: 'Proxy:home:1993:SSL;"quoted"\r\nnot a line', error: 'x' },
    }));
    note(session, '=1+2');
    await log.close();
    const name = `IMAP4${today()}-1.LOG`;
    expect(await list()).toEqual([name]);
    const text = await readFile(`${settings.folder}/${name}`, 'utf8');
    const columns =
      'dateTime,sessionId,seqNumber,sIp,cIp,user,duration,rqsize,rpsize,command,parameters,context,puid';
    const now = new Date(clock.nowMs()).toISOString();
    expect(text.split('\r\n')).toEqual([
      columns,
      '#Software: Homeward',
      '#Version: 1.0',
      '#Log-type: IMAP4 Log',
      `#Date: ${now}`,
      `#Fields: ${columns}`,
      `${now},A1,0,[::1]:993,192.0.2.7:51420,anna@example.test,12,40,300,login,anna@example.test *****,` +
        `"R=OK;Msg=""Proxy:home:1993:SSL;'quoted'  not a line"";ErrMsg=x",`,
      `${now},A1,1,[::1]:993,192.0.2.7:51420,anna@example.test,0,0,0,'=1+2,,R=OK,`,
      '',
    ]);
  });

  test('is switched on and off while it runs, and makes no line meanwhile', async () => {
    const session = sessionLog();
    settings = { ...settings, imap: 'backend' };
    session.add(() => {
      throw new Error('made for nobody');
    });
    settings = { ...settings, imap: 'both' };
    note(session);
    settings = { ...settings, imap: 'off' };
    log.settingsChanged();
    note(session);
    await log.close();
    expect(await linesOf(`IMAP4${today()}-1.LOG`)).toHaveLength(1);
  });

  test('begins a new file with the period, with the size, and for each process', async () => {
    const session = sessionLog();
    const first = today();
    note(session);
    await log.close();
    note(session);
    await log.close();
    // Closed and opened again: as another process would, it takes a number of its own.
    expect(await list()).toEqual([`IMAP4${first}-1.LOG`, `IMAP4${first}-2.LOG`]);
    const other = openLog();
    clock.advance(86_400_000);
    other.write('imap', entry());
    await other.close();
    expect(await list()).toContain(`IMAP4${today()}-1.LOG`);
    settings = { ...settings, maxFileBytes: 1 };
    for (let turn = 0; turn < 3; turn += 1) {
      log.write('imap', entry());
      clock.advance(250);
      await log.flush();
    }
    await log.close();
    expect(await list()).toContain(`IMAP4${today()}-4.LOG`);
  });

  test('deletes what is too old or too much, and nothing that is not its own', async () => {
    await mkdir(settings.folder);
    const old = new Date(clock.nowMs() - 31 * 86_400_000);
    for (const name of ['IMAP420010101-1.LOG', 'IMAP4BE20010101-1.LOG', 'notes.txt']) {
      await writeFile(`${settings.folder}/${name}`, 'x');
      await utimes(`${settings.folder}/${name}`, old, old);
    }
    const recent = new Date(clock.nowMs() - 1_000);
    for (const number of [1, 2]) {
      const path = `${settings.folder}/IMAP42001010${number}-2.LOG`;
      await writeFile(path, Buffer.alloc(700_000));
      await utimes(path, recent, new Date(recent.getTime() + number));
    }
    settings = { ...settings, maxTotalBytes: 1_048_576 };
    note(sessionLog());
    await log.close();
    expect(await list()).toEqual(
      [
        `IMAP4${today()}-1.LOG`,
        'IMAP420010102-2.LOG',
        'IMAP4BE20010101-1.LOG',
        'notes.txt',
      ].toSorted(),
    );
  });

  test('goes on in a new file when its own was deleted', async () => {
    const session = sessionLog();
    note(session);
    clock.advance(250);
    await log.flush();
    await rm(`${settings.folder}/IMAP4${today()}-1.LOG`);
    note(session);
    await log.close();
    expect(await linesOf(`IMAP4${today()}-1.LOG`)).toHaveLength(1);
  });

  test('says once that it cannot write, counts what is lost, and heals', async () => {
    await writeFile(settings.folder, 'in the way');
    const lostBefore = await count('lost');
    const session = sessionLog();
    note(session);
    clock.advance(250);
    await log.flush();
    note(session);
    clock.advance(10_000);
    await log.flush();
    expect(events.map(({ name }) => name)).toEqual(['protocol-log.failed']);
    await rm(settings.folder);
    note(session);
    clock.advance(10_000);
    await log.flush();
    expect(events.slice(1)).toEqual([
      { name: 'protocol-log.lines-lost', fields: { protocol: 'imap', count: 2 } },
    ]);
    expect(await linesOf(`IMAP4${today()}-1.LOG`)).toHaveLength(1);
    expect((await count('lost')) - lostBefore).toBe(2);
  });

  test('leaves no empty files behind on a disk that is full', async () => {
    const file = new RollingFile({
      prefix: 'IMAP4',
      formatHead: () => {
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      },
      nowMs: () => clock.nowMs(),
    });
    for (let turn = 0; turn < 3; turn += 1) {
      await expect(file.write('line\r\n', settings)).rejects.toThrow('no space left');
    }
    expect(await list()).toEqual([]);
  });

  test('keeps no more lines than it has room for', async () => {
    await writeFile(settings.folder, 'in the way');
    const lostBefore = await count('lost');
    const session = sessionLog();
    for (let line = 0; line < 12_000; line += 1) note(session);
    await log.close();
    // One batch was on its way, ten thousand waited, the rest found no room.
    expect((await count('lost')) - lostBefore).toBeGreaterThanOrEqual(2_000);
  });
});

function entry() {
  return {
    sessionId: 'B2',
    seqNumber: 0,
    serverEndpoint: '127.0.0.1:993',
    clientEndpoint: '127.0.0.1:5000',
    durationMs: 0,
    requestBytes: 0,
    responseBytes: 0,
    command: 'noop',
    context: {},
  };
}

async function count(outcome: 'written' | 'lost'): Promise<number> {
  const line = (await metrics.format())
    .split('\n')
    .find(
      (text) =>
        text.includes('lines_total') &&
        text.includes(`outcome="${outcome}"`) &&
        text.includes('"imap"'),
    );
  return Number(line?.split(' ').at(-1));
}
