/** Which function runs which command behind login. */
import type { SmtpCommand } from '../grammar/command.ts';
import { runMail, runRcpt } from './commands/envelope.ts';
import { runGreeting } from './commands/greeting.ts';
import { runBdat, runData } from './commands/message.ts';
import type { SessionContext } from './session-context.ts';

/**
 * Runs a command and answers it.
 *
 * @param flush Sends the replies so far.
 */
export async function runCommand(
  context: SessionContext,
  command: SmtpCommand,
  flush: () => Promise<void>,
): Promise<void> {
  switch (command.name) {
    case 'EHLO':
    case 'HELO':
    case 'LHLO':
      return runGreeting(context, command.name, command.clientName);
    case 'MAIL':
      return runMail(context, command);
    case 'RCPT':
      return runRcpt(context, command);
    case 'DATA':
      return runData(context, flush);
    case 'BDAT':
      return runBdat(context, command);
    case 'RSET':
      await context.reset();
      context.reply(250, '2.0.0', 'OK');
      return;
    case 'NOOP':
      context.reply(250, '2.0.0', 'OK');
      return;
    case 'HELP':
      context.reply(214, '2.0.0', 'MAIL, RCPT, DATA, BDAT, RSET, QUIT');
      return;
    case 'VRFY':
      // RFC 5321 §3.5.3, §7.3: nobody is told which mailboxes there are.
      context.reply(252, '2.0.0', 'Send a message, and see');
      return;
    case 'EXPN':
      context.reply(502, '5.5.1', 'Lists are not shown');
      return;
    case 'STARTTLS':
      context.reply(503, '5.5.1', 'TLS comes before the login');
      return;
    case 'XCLIENT':
      context.reply(503, '5.5.1', 'XCLIENT comes before the login');
      return;
    case 'AUTH':
      // RFC 4954 §4.
      context.reply(503, '5.5.1', 'You are logged in already');
      return;
    case 'QUIT':
      context.reply(221, '2.0.0', 'Goodbye');
      context.finish('logged-out');
  }
}
