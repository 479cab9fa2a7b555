/** A real Postfix as smart host: it wants TLS and a login, and passes mail on to a sink. */
import { type MailSink, openMailSink } from '@homeward/mail-sink';
import { NO_MAIL_PARAMETERS } from '@homeward/smtp/grammar';
import {
  createTempFolder,
  runMsmtp,
  runSwaks,
  startDovecot,
  startPostfix,
  type TempFolder,
  type TestDovecot,
  type TestPostfix,
} from '@homeward/testkit';
import { chmod, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SmartHostSettings } from './relay-settings.ts';
import {
  hostAt,
  openTransport,
  recipients,
  relaySettings,
  request,
} from './testing/smart-host-script.ts';

const TO = { kind: 'elsewhere', domain: 'far.example' } as const;
const ALWAYS = new AbortController().signal;

let folder: TempFolder;
let sink: MailSink;
let dovecot: TestDovecot;
let postfix: TestPostfix;

beforeAll(async () => {
  folder = await createTempFolder('relay');
  // Postfix's processes reach the socket in it.
  await chmod(folder.path, 0o711);
  sink = await openMailSink({ host: '127.0.0.1', port: 0 });
  // Postfix asks it whether a login is right.
  const socket = folder.join('auth');
  dovecot = await startDovecot({
    config: `service auth {\n  unix_listener ${socket} {\n    mode = 0666\n  }\n}\n`,
  });
  await writeFile(folder.join('password'), dovecot.password);
  postfix = await startPostfix({
    relayHost: `[127.0.0.1]:${sink.port}`,
    config: `smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${socket}
smtpd_tls_auth_only = yes
message_size_limit = 1000000
smtpd_recipient_restrictions = check_recipient_access inline:{{gone@far.example = 550 5.1.6 moved}}, permit_sasl_authenticated, reject`,
  });
});
afterAll(async () => {
  await postfix.stop();
  await dovecot.stop();
  await sink.close();
  await folder.remove();
});

function postfixHost(changes: Partial<SmartHostSettings> = {}): Partial<SmartHostSettings> {
  const passwordFile = folder.join('password');
  const login = { tls: 'starttls', user: 'relay', passwordFile } as const;
  return hostAt(postfix, { ...login, caFile: postfix.caFile, ...changes });
}

test('a message goes through Postfix with its parameters', async () => {
  using opened = openTransport(relaySettings([postfixHost()]));
  const message = request({
    parameters: { ...NO_MAIL_PARAMETERS, body: '8BITMIME', isUtf8: true, envelopeId: 'e 1' },
    recipients: recipients('zo\u00eb@far.example', 'bob@far.example'),
    async *readMessage() {
      yield Buffer.from('Subject: gr\u00fcezi\r\n\r\n.dot\r\n..\r\n');
    },
  });
  const outcomes = await opened.transport.deliver(TO, message, ALWAYS);
  expect(outcomes).toMatchObject([
    { kind: 'relayed', code: 250, enhanced: '2.0.0', isNotifyPassedOn: true },
    { kind: 'relayed', code: 250 },
  ]);
  const got = await sink.messages.find(({ recipients: to }) => to.includes('zo\u00eb@far.example'));
  expect(got.parameters).toMatchObject({ SMTPUTF8: true, ENVID: 'e 1' });
  expect(got.octets.toString()).toContain('\r\nSubject: gr\u00fcezi\r\n');
  expect(got.octets.toString()).toMatch(/\r\n\r\n\.dot\r\n\.\.\r\n$/u);
});

test('what Postfix refuses is told as it said it', async () => {
  using opened = openTransport(relaySettings([postfixHost()]));
  const outcomes = await opened.transport.deliver(
    TO,
    request({ recipients: recipients('bob@far.example', 'gone@far.example') }),
    ALWAYS,
  );
  expect(outcomes).toMatchObject([
    { kind: 'relayed' },
    { kind: 'failed', code: 550, enhanced: '5.1.6', text: expect.stringContaining('moved') },
  ]);
  const large = await opened.transport.deliver(TO, request({ sizeBytes: 2_000_000 }), ALWAYS);
  expect(large).toMatchObject([{ kind: 'failed', code: 552, enhanced: '5.3.4' }]);
});

test('a wrong password defers', async () => {
  await writeFile(folder.join('wrong'), 'wrong');
  const passwordFile = folder.join('wrong');
  using opened = openTransport(relaySettings([postfixHost({ passwordFile })]));
  expect(await opened.transport.deliver(TO, request(), ALWAYS)).toMatchObject([
    { kind: 'deferred', code: 454, enhanced: '4.7.0' },
  ]);
});

test('without a login Postfix takes nothing, and says so', async () => {
  using opened = openTransport(relaySettings([postfixHost({ user: '', passwordFile: '' })]));
  expect(await opened.transport.deliver(TO, request(), ALWAYS)).toMatchObject([
    { kind: 'failed', code: 554, enhanced: '5.7.1' },
  ]);
});

test('the sink takes what swaks and msmtp send', async () => {
  const at = `127.0.0.1:${sink.port}`;
  const swaks = await runSwaks('--server', at, '--from', 'a@x.example', '--to', 's@far.example');
  expect(swaks).toMatchObject({ code: 0, dialogue: expect.stringContaining('354') });
  const args = [
    '--host=127.0.0.1',
    `--port=${sink.port}`,
    '--from=a@x.example',
    '--read-recipients',
  ];
  const msmtp = await runMsmtp('To: m@far.example\nSubject: x\n\nhello\n', ...args);
  expect(msmtp).toEqual({ code: 0, output: '' });
  for (const to of ['s@far.example', 'm@far.example']) {
    expect(sink.messages.kept.map(({ recipients: names }) => names)).toContainEqual([to]);
  }
});
