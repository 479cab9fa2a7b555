/** What a worker process under the supervisor runs: `worker-main.ts CONFIGURATION INDEX`. */
import type { FrontEndConfig } from './config.ts';
import { runFrontendWorker } from './main.ts';

const [, , configuration = '', index = ''] = process.argv;
// The supervisor has checked it, and paths are absolute; it holds no secret.
const config = JSON.parse(configuration) as FrontEndConfig;
process.exit(await runFrontendWorker(config, Number(index)));
