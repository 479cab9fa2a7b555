/** For how long certificates of the deployment's own authority are valid. */

const DAY_MS = 86_400_000;
/** What Apple's systems accept at most of an authority that a person installed: 825. */
const CERTIFICATE_DAYS = 820;
/** Clocks of clients may be behind. */
const BACKDATED_DAYS = 1;

export interface CertificateTerm {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** @param authorityEndMs What it issues is of no use any longer than that. */
export function certificateTerm(nowMs: number, authorityEndMs: number = Infinity): CertificateTerm {
  return {
    notBefore: new Date(nowMs - BACKDATED_DAYS * DAY_MS),
    notAfter: new Date(Math.min(nowMs + CERTIFICATE_DAYS * DAY_MS, authorityEndMs)),
  };
}
