import { describe, expect, test } from 'vitest';
import {
  createLogger,
  LOG_EVENTS,
  type Logger,
  type LogLevel,
  type ServiceLogEvents,
} from './index.ts';
import { formatPrettyLine } from './pretty-line.ts';

const clock = { nowMs: () => Date.UTC(2026, 10, 23, 9, 30) };

function setUp(level: LogLevel = 'debug'): {
  readonly log: Logger<ServiceLogEvents>;
  readonly lines: Record<string, unknown>[];
} {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    service: 'frontend',
    worker: 2,
    level,
    format: 'json',
    events: LOG_EVENTS,
    clock,
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  return { log, lines };
}

describe('createLogger()', () => {
  test('writes an event with its level, time and declared fields', () => {
    const { log, lines } = setUp();
    log.log('login.rejected', { loginName: 'anna', reason: 'wrong-password', durationMs: 1.23456 });
    expect(lines).toEqual([
      {
        level: 'info',
        time: '2026-11-23T09:30:00.000Z',
        service: 'frontend',
        worker: 2,
        event: 'login.rejected',
        loginName: 'anna',
        reason: 'wrong-password',
        durationMs: 1.235,
      },
    ]);
  });

  test('tells of every line that is written, not of those that are not', () => {
    const levels: LogLevel[] = [];
    const log = createLogger({
      service: 'frontend',
      level: 'info',
      format: 'json',
      events: LOG_EVENTS,
      clock,
      write: () => {},
      onLine: (level) => levels.push(level),
    });
    log.log('connection.accepted');
    log.log('service.stopping');
    log.child('c1').log('directory.unavailable');
    expect(levels).toEqual(['info', 'error']);
  });

  test('drops what is not declared, though a cast lets it in', () => {
    const { log, lines } = setUp();
    const fields = { reason: 'x', password: 'hunter2', subject: 'Hello', __proto__: { tls: 'y' } };
    log.log('login.rejected', fields);
    log.log('service.stopping', { mode: { password: 'hunter2' } } as object);
    log.log('certificate.loaded', { names: ['a', { secret: 'hunter2' }] } as object);
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|Hello|password/);
    expect(lines[0]).toMatchObject({ reason: 'x' });
    expect(lines[2]).toMatchObject({ names: ['a'] });
  });

  test('cuts texts and lists that are too long', () => {
    const { log, lines } = setUp();
    log.log('login.rejected', { loginName: 'x'.repeat(10_000) });
    log.log('certificate.loaded', {
      names: Array.from({ length: 1_000 }, () => 'y'.repeat(1_000)),
    });
    expect(JSON.stringify(lines[0]).length).toBeLessThan(500);
    expect(JSON.stringify(lines[1]).length).toBeLessThan(10_000);
  });

  test('keeps one line per event, whatever a text holds', () => {
    const written: string[] = [];
    const log = createLogger({
      service: 'x',
      level: 'info',
      format: 'json',
      events: LOG_EVENTS,
      clock,
      write: (line) => written.push(line),
    });
    log.log('login.rejected', { loginName: 'a\r\n{"event":"forged"}\u001b[2J' });
    expect(written.join('').split('\n')).toHaveLength(2);
  });

  test.each([
    'plain',
    'a "quoted" \\ text',
    '\u0000\t\u007f\u0085\u2028',
    'Zoë, 東京, 🐟',
    '\ud800 alone',
  ])('writes %j so that JSON gives it back', (loginName) => {
    const { log, lines } = setUp();
    log.child(loginName).log('login.rejected', { loginName });
    expect(lines).toMatchObject([{ loginName, conversationId: loginName }]);
  });

  test('describes errors without what a parser quoted', () => {
    const { log, lines } = setUp();
    const quoted = new SyntaxError('Unexpected token in "Dear Anna"');
    log.log('conversation.failed', { error: quoted });
    log.log('conversation.failed', { error: Object.assign(new Error('x'), { code: 'EIO' }) });
    log.log('conversation.failed', { error: 'hunter2' });
    expect(lines[0]).toMatchObject({ error: { name: 'SyntaxError' } });
    expect(lines[1]).toMatchObject({ error: { name: 'Error', code: 'EIO', message: 'x' } });
    expect(JSON.stringify(lines)).not.toMatch(/Dear|hunter2/);
    expect(JSON.stringify(lines[1])).toContain('logger.test.ts');
  });

  test('says that an event is unknown rather than keeping silent', () => {
    const { log, lines } = setUp('fatal');
    (log as unknown as { log(name: string): void }).log('toString');
    expect(lines).toMatchObject([{ level: 'error', event: 'log.event-unknown', name: 'toString' }]);
  });

  test('changes its level live, for children that exist already, too', () => {
    const { log, lines } = setUp('warn');
    const child = log.child('C1');
    child.log('login.rejected', { reason: 'a' });
    log.setLevel('info');
    child.log('login.rejected', { reason: 'b' });
    log.setLevel('error');
    child.log('login.rejected', { reason: 'c' });
    expect(lines.map((line) => line['event'])).toEqual(['log.level-changed', 'login.rejected']);
    expect(lines[1]).toMatchObject({ conversationId: 'C1', reason: 'b' });
    expect(log.isOn('warn')).toBe(false);
  });
});

test('LOG_EVENTS are named area.what-happened, and say what they mean', () => {
  for (const [name, { help }] of Object.entries(LOG_EVENTS)) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
  }
});

describe('formatPrettyLine()', () => {
  test('shows time, level, service, event and fields', () => {
    const line = formatPrettyLine(
      '{"level":"warn","time":"2026-11-23T09:30:00.123Z","service":"frontend","worker":1,"event":"site.unreachable","site":"oslo","detail":"two words"}\n',
    );
    expect(line.replaceAll(/\u001b\[\d+m/g, '')).toBe(
      '09:30:00.123 warn  frontend/1 site.unreachable site=oslo detail="two words"\n',
    );
  });

  test('lets no field move the cursor', () => {
    const line = formatPrettyLine('{"event":"x","loginName":"a\\u001b[2J\\u009b2J\\r\\n"}\n');
    expect(line.slice(line.indexOf('loginName'))).not.toMatch(/[\u001b\u009b\r]/);
    expect(line.split('\n')).toHaveLength(2);
  });

  test('passes on what is not JSON', () => {
    expect(formatPrettyLine('not JSON\n')).toBe('not JSON\n');
  });
});
