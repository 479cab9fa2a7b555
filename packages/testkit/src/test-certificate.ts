/** Certificates that tests trust and nobody else does; made on the spot, valid for a day. */

/** A server's certificate with what its clients need to believe it. PEM texts. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** The authority; give it to clients as `ca`. */
  readonly ca: string;
}

const dayMs = 86_400_000;

/** @param names What the certificate is for; `localhost` and 127.0.0.1 unless given. */
export async function createTestCertificate(
  names: readonly string[] = ['localhost', '127.0.0.1'],
): Promise<TestCertificate> {
  // Only here: the library behind it takes longer to load than most test files run.
  const { createCertificateAuthority, issueCertificate } = await import('@homeward/net/pki');
  const validity = {
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
  };
  const authority = await createCertificateAuthority({
    name: 'Homeward test authority',
    ...validity,
  });
  const request = {
    use: 'server',
    commonName: names[0] ?? 'localhost',
    names,
    ...validity,
  } as const;
  const issued = await issueCertificate(authority, request);
  return { key: issued.key, cert: issued.cert, ca: authority.cert };
}
