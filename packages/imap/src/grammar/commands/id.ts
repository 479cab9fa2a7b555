/** ID (RFC 2971 §3.1): what the client says about itself. */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** `id SP id-params-list`. Field names come in lower case; of two alike the later counts. */
export const idSyntax: WholeSyntax = {
  word: 'ID',
  parse(decoder) {
    decoder.space();
    const fields = new Map<string, string | undefined>();
    if (!decoder.tryKeyword('NIL')) {
      for (const [field, value] of decoder.listOrNothing(() => parseField(decoder))) {
        fields.set(field, value);
      }
    }
    return { name: 'id', fields };
  },
};

function parseField(decoder: ArgumentDecoder): readonly [string, string | undefined] {
  const field = decoder.string('the name of an ID field').toLowerCase();
  decoder.space();
  return [field, decoder.nstring()];
}
