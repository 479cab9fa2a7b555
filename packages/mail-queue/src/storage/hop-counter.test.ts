import { describe, expect, it } from 'vitest';
import { HopCounter } from './hop-counter.ts';

describe('HopCounter', () => {
  it.each([
    ['Received: a\r\nReceived: b\r\n\r\n', 2],
    ['RECEIVED:a\r\nreceived : b\r\n\r\n', 1],
    ['X: y\r\nReceived: a\r\n\tReceived: folded\r\n\r\n', 1],
    ['Received: a\r\n\r\nReceived: body\r\n', 1],
    ['\r\nReceived: body\r\n', 0],
    ['X-Received: a\r\nReceived\r\n\r\n', 0],
    ['Received: a\nReceived: b\n\nReceived: body\n', 2],
    ['', 0],
  ])('counts in %j, whatever its pieces are', (text, expected) => {
    const octets = Buffer.from(text);
    for (const step of [1, 2, 7, 1_000]) {
      const counter = new HopCounter();
      for (let at = 0; at < octets.length; at += step) counter.push(octets.subarray(at, at + step));
      expect(counter.count).toBe(expected);
    }
  });
});
