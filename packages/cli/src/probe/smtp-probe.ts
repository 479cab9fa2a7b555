/**
 * A submission probe (Exchange: Test-SmtpConnectivity goes no further than the greeting): logs in,
 * says a sender and a recipient, both the account itself, and takes that back; or sends itself the
 * test message, for an IMAP or POP3 probe to find.
 */
import { HopFailure } from './hop-watch.ts';
import type { ProbeCourse } from './probe-course.ts';
import type { ProbeLink } from './probe-link.ts';
import { createTestMessage } from './test-message.ts';

const OWN_NAME = 'probe.homeward.invalid';

/** Throws `HopFailure` at the first step that fails. The caller closes the link. */
export async function probeSmtp(link: ProbeLink, course: ProbeCourse): Promise<void> {
  const { watch, connectionType, isLight, leavesMessage } = course;
  await watch.measure('greeting', () => expectReply(link, 220, 'greeting'));
  if (connectionType === 'tls') {
    await watch.measure(
      'starttls',
      async () => {
        await run(link, `EHLO ${OWN_NAME}`, 250);
        await run(link, 'STARTTLS', 220);
        return link.startTls();
      },
      (tls) => tls,
    );
  }
  await watch.measure('login', async () => {
    await run(link, `EHLO ${OWN_NAME}`, 250);
    const secret = Buffer.from(`\0${course.login}\0${course.password}`).toString('base64');
    await run(link, `AUTH PLAIN ${secret}`, 235, 'AUTH PLAIN');
  });
  if (!isLight) {
    await watch.measure('recipient', async () => {
      await run(link, `MAIL FROM:<${utf8(course.address)}>`, 250);
      await run(link, `RCPT TO:<${utf8(course.address)}>`, 250);
    });
    await watch.measure('submit', () => (leavesMessage ? submit(link, course) : takeBack(link)));
  }
  await watch.measure('logout', () => run(link, 'QUIT', 221));
}

async function submit(link: ProbeLink, course: ProbeCourse): Promise<void> {
  await run(link, 'DATA', 354);
  link.sendOctets(
    Buffer.from(createTestMessage(course.makeId(), course.address, course.nowMs()), 'utf8'),
  );
  await run(link, '.', 250, 'DATA');
}

async function takeBack(link: ProbeLink): Promise<void> {
  await run(link, 'RSET', 250);
}

/** @param name For errors: a command may hold a secret. */
async function run(
  link: ProbeLink,
  command: string,
  code: number,
  name: string = command,
): Promise<void> {
  link.send(command);
  await expectReply(link, code, name);
}

async function expectReply(link: ProbeLink, code: number, name: string): Promise<void> {
  for (;;) {
    const line = await link.readLine();
    if (!line.startsWith(String(code))) throw new HopFailure(`${name}: ${line}`);
    if (line[3] !== '-') return;
  }
}

/** Octets of UTF-8 in a string that is sent as Latin-1 (RFC 6531 §3.3). */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}
