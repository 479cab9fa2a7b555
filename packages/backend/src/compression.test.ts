/** A session that goes on compressed, over TLS and the real store (RFC 4978). */
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';
import { createSeededRandom, type RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestSite, type TestSite } from './testing/test-site.ts';

let site: TestSite;

beforeAll(async () => {
  site = await openTestSite();
});

afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

/** What a client says and hears once both sides compress. */
class CompressedPeer implements Disposable {
  readonly #client: RawClient;
  readonly #deflate = createDeflateRaw();
  readonly #inflate = createInflateRaw({ flush: constants.Z_SYNC_FLUSH });
  readonly #heard: AsyncIterator<Buffer>;
  #text = '';

  constructor(client: RawClient) {
    this.#client = client;
    this.#deflate.on('data', (octets: Buffer) => void client.send(octets));
    this.#heard = this.#inflate[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    void this.#receive();
  }

  send(text: string): void {
    this.#deflate.write(Buffer.from(text, 'latin1'));
    this.#deflate.flush(constants.Z_SYNC_FLUSH);
  }

  /** Everything up to and with what `end` matches. */
  async readUntil(end: RegExp): Promise<string> {
    while (!end.test(this.#text)) {
      const next = await this.#heard.next();
      if (next.done === true) throw new Error(`the connection ended behind ${this.#text}`);
      this.#text += next.value.toString('latin1');
    }
    const text = this.#text;
    this.#text = '';
    return text;
  }

  [Symbol.dispose](): void {
    this.#deflate.destroy();
    this.#inflate.destroy();
  }

  async #receive(): Promise<void> {
    for (;;) {
      const octets = await this.#client.octets.read();
      if (typeof octets === 'string') break;
      this.#inflate.write(octets);
    }
    this.#inflate.end();
  }
}

describe('COMPRESS DEFLATE', () => {
  it('carries messages both ways, and the session beside it is none the wiser', async () => {
    const account = await site.addAccount();
    await using client = await site.openImap(account);
    await using other = await site.openImap(account);
    await client.command('COMPRESS DEFLATE');
    using peer = new CompressedPeer(client);
    const random = createSeededRandom(11);
    const noise = Buffer.from(Array.from({ length: 300_000 }, () => random() * 256)).toString(
      'base64',
    );
    const message = `Subject: noise\r\n\r\n${noise.replaceAll(/.{76}/g, '$&\r\n')}\r\n`;
    peer.send(`a1 APPEND INBOX {${message.length}+}\r\n${message}\r\n`);
    expect(await peer.readUntil(/^a1 .*\r\n/m)).toMatch(/^a1 OK \[APPENDUID/m);
    peer.send('a2 SELECT INBOX\r\na3 FETCH 1 BODY.PEEK[]\r\n');
    expect(await peer.readUntil(/^a3 .*\r\n/m)).toContain(message);
    peer.send('a4 IDLE\r\n');
    await peer.readUntil(/^\+ .*\r\n/m);
    await other.command('SELECT INBOX');
    await other.command('STORE 1 +FLAGS.SILENT (\\Flagged)');
    expect(await peer.readUntil(/FETCH \(.*\r\n/)).toContain('\\Flagged');
    peer.send('DONE\r\na5 COMPRESS DEFLATE\r\na6 LOGOUT\r\n');
    const last = await peer.readUntil(/^a6 .*\r\n/m);
    expect(last).toMatch(/^a4 OK .*\r\na5 NO \[COMPRESSIONACTIVE\] .*\r\n\* BYE .*\r\na6 OK /m);
  });
});
