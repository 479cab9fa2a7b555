/** COMPRESS (RFC 4978 §3): the stream is its owner's, who compresses behind the tagged answer. */
import { type CommandResult, no, ok } from '../command-result.ts';
import type { SessionContext } from '../session-context.ts';

export async function runCompress(context: SessionContext): Promise<CommandResult> {
  switch (context.compression) {
    case 'impossible':
      return no('[CANNOT] Nothing can be compressed here');
    case 'due':
    case 'active':
      return no('[COMPRESSIONACTIVE] Everything is compressed already');
    case 'off':
      context.compression = 'due';
      return ok('Everything is compressed from here on');
  }
}
