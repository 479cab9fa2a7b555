/** What measurements outside of this package need to run a front end by itself. */
import { fileURLToPath } from 'node:url';

export {
  createWorldCertificates,
  openSurroundings,
  takeImapLogin,
  type Surroundings,
} from './front-end-world.ts';

/** Runs a front end as a process: its argument is the configuration as JSON. */
export const FRONT_END_SCRIPT: string = fileURLToPath(new URL('run-front-end.ts', import.meta.url));
