import { describe, expect, it } from 'vitest';
import { scanMessage } from './message-scanner.ts';
import { decodeShape, encodeShape } from './shape-octets.ts';

describe('decodeShape()', () => {
  it('gives back what encodeShape() made', () => {
    const shape = scanMessage(Buffer.from('Subject: a\r\n\r\nb\r\n'));
    expect(decodeShape(encodeShape(shape))).toEqual(shape);
  });

  it.each(['', '{', 'null', '7', '{"sizeBytes":1}', '{"size":1,"root":{}}'])(
    'refuses %j',
    (text) => {
      expect(decodeShape(Buffer.from(text))).toBeUndefined();
    },
  );
});
