/** The certificate that clients are shown now. */
import { connect } from 'node:tls';
import type { PublicName } from './compose-project.ts';

/** Connects once, verifies, and looks. @throws If the certificate is not to be trusted. */
export function readServedCertificate({
  host,
  ports,
  serverName,
  ca,
}: PublicName): Promise<{ readonly fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: ports.imaps, servername: serverName, ca }, () => {
      resolve({ fingerprint: socket.getPeerCertificate().fingerprint256 });
      socket.end();
    });
    socket.on('error', reject);
    socket.resume();
  });
}
