/** The thread's side of `maintenance-thread.ts`: takes requests, does them one by one. */
import { parentPort } from 'node:worker_threads';
import { classifyDatabaseError } from './database.ts';
import { MaintenanceTasks } from './maintenance.ts';
import type { MaintenanceReply, MaintenanceRequest } from './maintenance-thread.ts';
import { errorCode } from './store-files.ts';

const tasks = new MaintenanceTasks();

function run(request: MaintenanceRequest): unknown {
  switch (request.task) {
    case 'prepare':
      return tasks.prepare(request.request);
    case 'hold':
      return tasks.hold(request.databasePath);
    case 'release':
      return tasks.release(request.databasePath);
    case 'checkpoint':
      return tasks.checkpoint(request.databasePath);
    case 'close':
      return tasks.close();
  }
}

function reply(request: MaintenanceRequest): MaintenanceReply {
  try {
    return { id: request.id, ok: true, result: run(request) };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown';
    const code = classifyDatabaseError(error)?.code ?? errorCode(error);
    return { id: request.id, ok: false, code, message };
  }
}

parentPort?.on('message', (request: MaintenanceRequest) => {
  parentPort?.postMessage(reply(request));
});
