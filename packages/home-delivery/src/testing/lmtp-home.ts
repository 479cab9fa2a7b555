/** A worker played by a test, behind TLS that asks for a certificate, and the links to it. */
import { writeFile } from 'node:fs/promises';
import type { TLSSocket } from 'node:tls';
import { ClientTls, DeadlineWheel } from '@homeward/net';
import { createCertificateAuthority, issueCertificate, type PemPair } from '@homeward/net/pki';
import {
  createTempFolder,
  type PeerScript,
  type ScriptedPeer,
  type ScriptedServer,
  startScriptedServer,
  type TempFolder,
} from '@homeward/testkit';
import { createDeliveryTls, type DeliveryTlsFiles } from '../delivery-tls.ts';
import { LmtpLinks, type LmtpLinksParts } from '../lmtp-links.ts';
import type { WorkerDoor } from '../worker-door.ts';

const DAY_MS = 86_400_000;
const SERVER_NAME = 'dublin.sites.test';
const TERM = {
  notBefore: new Date(Date.now() - DAY_MS),
  notAfter: new Date(Date.now() + DAY_MS),
};

/** The certificates of a deployment, on disk. */
export class TestDeployment {
  readonly files: DeliveryTlsFiles;
  readonly #folder: TempFolder;
  readonly #authority: PemPair;
  readonly #server: PemPair;

  private constructor(folder: TempFolder, authority: PemPair, server: PemPair) {
    this.#folder = folder;
    this.#authority = authority;
    this.#server = server;
    this.files = {
      caFile: folder.join('ca.crt'),
      certFile: folder.join('me.crt'),
      keyFile: folder.join('me.key'),
    };
  }

  static async create(): Promise<TestDeployment> {
    const folder = await createTempFolder();
    const authority = await createCertificateAuthority({ name: 'deployment', ...TERM });
    const names = [SERVER_NAME];
    const request = { use: 'server', commonName: 'dublin', names, ...TERM } as const;
    const made = new TestDeployment(folder, authority, await issueCertificate(authority, request));
    await writeFile(made.files.caFile, authority.cert);
    await made.renew('frontend:fe1');
    return made;
  }

  /** Puts another certificate of ours in place. */
  async renew(commonName: string): Promise<void> {
    const request = { use: 'client', commonName, names: [], ...TERM } as const;
    const { cert, key } = await issueCertificate(this.#authority, request);
    await writeFile(this.files.certFile, cert);
    await writeFile(this.files.keyFile, key);
  }

  startHome(script: PeerScript): Promise<ScriptedServer> {
    const { cert, key } = this.#server;
    return startScriptedServer(script, {
      tls: { cert, key, requestCert: true, rejectUnauthorized: false },
    });
  }

  openLinks(parts: Partial<LmtpLinksParts> = {}): LmtpLinks {
    const clock = {
      elapsedMs: () => performance.now(),
      after: (delayMs: number, task: () => void): (() => void) => {
        const timer = setTimeout(task, delayMs);
        return () => clearTimeout(timer);
      },
    };
    return new LmtpLinks({
      tls: createDeliveryTls(this.files, (options) => new ClientTls(options)),
      wheel: new DeadlineWheel(clock),
      clientName: 'fe.test',
      ...parts,
    });
  }

  remove(): Promise<void> {
    return this.#folder.remove();
  }
}

export function doorOf({ port }: ScriptedServer): WorkerDoor {
  return { host: '127.0.0.1', port, serverName: SERVER_NAME };
}

/** Who shows itself to the server. */
export function clientNameOf(peer: ScriptedPeer): string | undefined {
  return (peer.octets.socket as TLSSocket).getPeerX509Certificate()?.subject;
}

/** Greeting and LHLO. */
export async function greet(peer: ScriptedPeer): Promise<void> {
  await peer.sendLine('220 dublin LMTP');
  await peer.expectLine('LHLO fe.test');
  await peer.send('250-dublin\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-DSN\r\n250 SIZE 0\r\n');
}

/** Takes a message for whomever. @returns Lines of the envelope, and the message. */
export async function takeMessage(
  peer: ScriptedPeer,
  answers: readonly string[] = ['250 2.0.0 in'],
): Promise<{ readonly envelope: readonly string[]; readonly content: readonly string[] }> {
  const envelope: string[] = [];
  for (;;) {
    const line = await peer.readLine();
    if (line === 'DATA') break;
    envelope.push(line);
    await peer.sendLine('250 2.1.0 fine');
  }
  await peer.sendLine('354 go on');
  const content = await peer.readDotLines();
  for (const answer of answers) await peer.sendLine(answer);
  return { envelope, content };
}
