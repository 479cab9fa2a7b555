/** Making certificates: for `homeward init`, the demo and tests, not for running services. */
export {
  type AuthorityOptions,
  type CertificateRequest,
  createCertificateAuthority,
  issueCertificate,
  type PemPair,
} from './certificate-authority.ts';
export { type PemPairFiles, readPemPair, writePemPair } from './pem-files.ts';
