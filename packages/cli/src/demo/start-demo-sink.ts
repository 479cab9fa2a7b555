/** The demo's Internet: a sink that takes all mail to the outside, so that none ever leaves. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openMailSink } from '@homeward/mail-sink';
import type { Lifecycle } from '@homeward/service';
import { DEPLOYMENT_FILES, type DeploymentPlan } from '../init/deployment-plan.ts';

/** Where the messages are that the sink took, one a file. */
export function sinkFolderOf({ folder }: Pick<DeploymentPlan, 'folder'>): string {
  return join(folder, 'outside');
}

/** As a part of the demo's life. Certificates must be there, ports let go. */
export async function startDemoSink(lifecycle: Lifecycle, plan: DeploymentPlan): Promise<void> {
  const { mail } = plan;
  if (mail === undefined) return;
  // Valid for the host's address as well; the sites believe the deployment's authority.
  const { certFile, keyFile } = DEPLOYMENT_FILES.frontEndCertificate('frontend');
  await lifecycle.start('the sink', async () => {
    const value = await openMailSink({
      ...mail.smartHost,
      folder: sinkFolderOf(plan),
      tls: {
        cert: await readFile(join(plan.folder, certFile), 'utf8'),
        key: await readFile(join(plan.folder, keyFile), 'utf8'),
      },
    });
    return { value, stop: () => value.close() };
  });
}
