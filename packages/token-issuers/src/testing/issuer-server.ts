/** An issuer for tests: real keys, a real HTTPS server for them on loopback. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestCertificate } from '@homeward/testkit';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

/** One key pair of an issuer. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function createSigningKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { kid, alg, privateKey, jwk };
}

/** A token of `claims`, valid for five minutes unless they say otherwise. */
export function signToken(
  key: SigningKey,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new SignJWT({ iat: nowSeconds, exp: nowSeconds + 300, ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid })
    .sign(key.privateKey);
}

/** How the server answers: with keys, or with what no issuer should. */
export type IssuerAnswer =
  | { readonly kind: 'keys'; readonly keys: readonly JWK[] }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'text'; readonly text: string }
  /** So many octets, and never an end. */
  | { readonly kind: 'endless' }
  | { readonly kind: 'silence' };

export interface IssuerServer extends AsyncDisposable {
  readonly jwksUri: string;
  answer: IssuerAnswer;
  /** How often it was asked. */
  readonly askedCount: number;
}

export async function openIssuerServer(certificate: TestCertificate): Promise<IssuerServer> {
  let askedCount = 0;
  const state: { answer: IssuerAnswer } = { answer: { kind: 'keys', keys: [] } };
  const server = createServer({ key: certificate.key, cert: certificate.cert }, (_, response) => {
    askedCount += 1;
    const { answer } = state;
    switch (answer.kind) {
      case 'keys':
        response.end(JSON.stringify({ keys: answer.keys }));
        break;
      case 'status':
        response.writeHead(answer.status, { location: '/elsewhere' }).end('{"keys":[]}');
        break;
      case 'text':
        response.end(answer.text);
        break;
      case 'endless': {
        const more = (): void => {
          while (!response.destroyed && response.write(' '.repeat(65_536)));
        };
        response.on('drain', more);
        more();
        break;
      }
      case 'silence':
        break;
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    jwksUri: `https://localhost:${port}/keys`,
    get answer() {
      return state.answer;
    },
    set answer(answer) {
      state.answer = answer;
    },
    get askedCount() {
      return askedCount;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
