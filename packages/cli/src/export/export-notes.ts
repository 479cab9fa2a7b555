/**
 * `homeward-export.json` in the folder of an export: whose mail it is, in which format, and what
 * of it is whole. It keeps two mailboxes from being mixed, and files of others from being
 * written over.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cannotWrite } from '../init/write-new-file.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { replaceFile } from '../output/replace-file.ts';

const FILE = 'homeward-export.json';

export type ExportFormat = 'maildir' | 'mbox';

type FileNotes = Record<string, { state: string; sizeBytes: number }>;

interface StoredNotes {
  readonly accountId: string;
  readonly address: string;
  readonly format: ExportFormat;
  readonly files: FileNotes;
}

const notesSchema: z.ZodType<StoredNotes> = z.strictObject({
  accountId: z.string(),
  address: z.string(),
  format: z.enum(['maildir', 'mbox']),
  files: z.record(z.string(), z.strictObject({ state: z.string(), sizeBytes: z.number() })),
});

/** What an export is of. */
export interface ExportSubject {
  readonly accountId: string;
  readonly address: string;
  readonly format: ExportFormat;
}

/** The notes of one folder. */
export class ExportNotes {
  readonly #folder: string;
  readonly #subject: ExportSubject;
  readonly #files: FileNotes;

  private constructor(folder: string, subject: ExportSubject, files: FileNotes) {
    this.#folder = folder;
    this.#subject = subject;
    this.#files = files;
  }

  /**
   * Makes the folder if it is not there.
   *
   * @throws OperatorError if it holds anything but an export of the same account and format.
   */
  static async open(folder: string, subject: ExportSubject): Promise<ExportNotes> {
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw cannotWrite(folder, error);
    });
    const text = await readFile(join(folder, FILE), 'utf8').catch(() => undefined);
    if (text === undefined) {
      if ((await readdir(folder)).length > 0) {
        throw new OperatorError(
          `${folder} is not empty and no export of ours; give a new or an empty folder`,
          EXIT_CODES.refused,
        );
      }
      const notes = new ExportNotes(folder, subject, {});
      await notes.save();
      return notes;
    }
    return new ExportNotes(folder, subject, readFiles(folder, text, subject));
  }

  stateOf(file: string): string | undefined {
    return this.#files[file]?.state;
  }

  sizeOf(file: string): number | undefined {
    return this.#files[file]?.sizeBytes;
  }

  setFile(file: string, state: string, sizeBytes: number): void {
    this.#files[file] = { state, sizeBytes };
  }

  async save(): Promise<void> {
    const contents = { ...this.#subject, files: this.#files };
    await replaceFile(join(this.#folder, FILE), `${JSON.stringify(contents, undefined, 2)}\n`);
  }
}

function readFiles(folder: string, text: string, { accountId, format }: ExportSubject): FileNotes {
  const parsed = notesSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new OperatorError(
      `${join(folder, FILE)} is not what an export has written; give another folder`,
      EXIT_CODES.badData,
    );
  }
  const { data } = parsed;
  if (data.accountId !== accountId || data.format !== format) {
    throw new OperatorError(
      `${folder} holds an export of ${data.address} to ${data.format}; give another folder`,
      EXIT_CODES.refused,
    );
  }
  return data.files;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
