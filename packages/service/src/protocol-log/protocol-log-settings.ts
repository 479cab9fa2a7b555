/**
 * The settings of protocol logs, as front end and back end share them. All of them apply live;
 * names and meaning are Exchange's where Exchange has them.
 */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { help } from '../config/key-help.ts';

/** Which half of Homeward writes a log. */
export type ProtocolLogHalf = 'frontend' | 'backend';
/** The protocols that have one. */
export const LOGGED_PROTOCOLS = ['imap', 'pop3', 'submission'] as const;
export type LoggedProtocol = (typeof LOGGED_PROTOCOLS)[number];

/** Where a protocol is logged. */
export type ProtocolLogPlace = 'off' | ProtocolLogHalf | 'both';

export type RollOver = 'Hourly' | 'Daily' | 'Weekly' | 'Monthly';

/** The section `protocolLog`. */
export interface ProtocolLogSettings {
  readonly imap: ProtocolLogPlace;
  readonly pop3: ProtocolLogPlace;
  readonly submission: ProtocolLogPlace;
  readonly folder: string;
  readonly rollOver: RollOver;
  /** 0: files roll over by time instead. */
  readonly maxFileBytes: number;
  /** 0: for ever. */
  readonly maxAgeDays: number;
  readonly maxTotalBytes: number;
}

const GIBIBYTE = 1_073_741_824;

const placeForm = z.enum(['off', 'frontend', 'backend', 'both']).default('off');

/** The form of the section, in configuration files and in the directory. */
export const protocolLogSchema: z.ZodType<ProtocolLogSettings> = z
  .strictObject({
    imap: placeForm.meta(help('Which halves log IMAP, a line a command.', 'ProtocolLogEnabled')),
    pop3: placeForm.meta(help('Which halves log POP3, a line a command.', 'ProtocolLogEnabled')),
    submission: placeForm.meta(
      help('Which halves log submission, a line a command.', 'ProtocolLoggingLevel'),
    ),
    folder: z
      .string()
      .max(1_024)
      .refine((path) => isAbsolute(path), 'must be an absolute path')
      .default('/var/log/homeward')
      .meta(
        help(
          'Where the files go, on each host; the service must be able to make and write it.',
          'LogFileLocation',
        ),
      ),
    rollOver: z
      .enum(['Hourly', 'Daily', 'Weekly', 'Monthly'])
      .default('Daily')
      .meta(help('When a new file begins, in UTC; weeks on Monday.', 'LogFileRollOverSettings')),
    maxFileBytes: z
      .int()
      .min(0)
      .max(64 * GIBIBYTE)
      .default(0)
      .meta(
        help('A new file begins at this size instead; 0: by time alone.', 'LogPerFileSizeQuota'),
      ),
    maxAgeDays: z
      .int()
      .min(0)
      .max(36_500)
      .default(30)
      .meta(help('Files older than this are deleted; 0: never by age.')),
    maxTotalBytes: z
      .int()
      .min(1_048_576)
      .default(GIBIBYTE)
      .meta(
        help(
          'For each protocol and half in a folder: beyond it the oldest files are deleted. No file outgrows a quarter of it.',
        ),
      ),
  })
  .prefault({});

/** Whether this half is to log the protocol. */
export function isLogged(place: ProtocolLogPlace, half: ProtocolLogHalf): boolean {
  return place === half || place === 'both';
}
