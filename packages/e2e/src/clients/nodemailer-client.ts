/** nodemailer, as an application would use it to submit mail. */
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import type SMTPTransport from 'nodemailer/lib/smtp-transport';
import type { Demo } from '../demo/demo.ts';
import type { DemoLogin } from '../demo/env-file.ts';

/** Of who was taken and who not. Rejects when nobody was. */
export type Submission = SMTPTransport.SentMessageInfo;

/**
 * A client that logs in at its first message; the caller closes it.
 *
 * @param limitMs For each answer.
 */
export function createSubmitter(
  demo: Demo,
  user: DemoLogin,
  door: 'submission' | 'submissions' = 'submissions',
  limitMs: number = 30_000,
): Transporter<Submission> {
  const { host, ports, serverName } = demo.facts;
  return createTransport({
    host,
    port: ports[door],
    secure: door === 'submissions',
    requireTLS: true,
    tls: { ca: demo.tls.ca, servername: serverName },
    connectionTimeout: limitMs,
    socketTimeout: limitMs,
    auth: { user: user.name, pass: user.password },
  });
}

/** Logs in, sends one message from the user, and leaves. */
export async function submit(
  demo: Demo,
  user: DemoLogin,
  letter: SendMailOptions,
  door?: 'submission' | 'submissions',
): Promise<Submission> {
  const client = createSubmitter(demo, user, door);
  try {
    return await client.sendMail({ from: user.name, ...letter });
  } finally {
    client.close();
  }
}
