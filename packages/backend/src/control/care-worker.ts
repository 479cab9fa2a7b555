/** The thread of one heavy job: see `care-desk.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { type HeavyJob, runHeavyJob } from './heavy-job.ts';

parentPort?.postMessage(await runHeavyJob(workerData as HeavyJob));
