/**
 * How files of protocol logs are called: `IMAP420260131-1.LOG`, as Exchange calls them; behind
 * the day (and hour, where they roll over hourly) a number that tells apart the processes of a
 * host and the files of one period.
 */
import type { LoggedProtocol, ProtocolLogHalf, RollOver } from './protocol-log-settings.ts';

const PREFIXES: Readonly<Record<ProtocolLogHalf, Readonly<Record<LoggedProtocol, string>>>> = {
  frontend: { imap: 'IMAP4', pop3: 'POP3', submission: 'SMTP' },
  backend: { imap: 'IMAP4BE', pop3: 'POP3BE', submission: 'SMTPBE' },
};

/** What all files of one log begin with. */
export function prefixOf(half: ProtocolLogHalf, protocol: LoggedProtocol): string {
  return PREFIXES[half][protocol];
}

/** @param number From 1. */
export function formatFileName(prefix: string, period: string, number: number): string {
  return `${prefix}${period}-${number}.LOG`;
}

/** Whether a file is one of this log, and not of one with a longer prefix. */
export function isFileOf(prefix: string, name: string): boolean {
  return name.startsWith(prefix) && /^\d{8}(\d{2})?-\d+\.LOG$/.test(name.slice(prefix.length));
}

/** The name of the period that a moment is in: its first day, `20260131`, or hour, `2026013123`. */
export function periodOf(rollOver: RollOver, nowMs: number): string {
  const now = new Date(nowMs);
  switch (rollOver) {
    case 'Hourly':
      return `${formatDay(now)}${String(now.getUTCHours()).padStart(2, '0')}`;
    case 'Daily':
      return formatDay(now);
    case 'Weekly': {
      const daysSinceMonday = (now.getUTCDay() + 6) % 7;
      return formatDay(new Date(nowMs - daysSinceMonday * 86_400_000));
    }
    case 'Monthly':
      return `${formatDay(now).slice(0, 6)}01`;
  }
}

function formatDay(date: Date): string {
  return date.toISOString().slice(0, 10).replaceAll('-', '');
}
