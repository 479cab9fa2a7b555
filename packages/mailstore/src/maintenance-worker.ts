/** The thread's side of `maintenance-thread.ts`: does requests one by one. */
import { serveThread } from '@homeward/durable-store';
import type { MaintenanceRequest } from './maintenance-thread.ts';
import { MaintenanceTasks } from './maintenance.ts';

const tasks = new MaintenanceTasks();

serveThread((body: MaintenanceRequest): unknown => {
  switch (body.task) {
    case 'prepare':
      return tasks.prepare(body.request);
    case 'hold':
      return tasks.hold(body.databasePath);
    case 'release':
      return tasks.release(body.databasePath);
    case 'checkpoint':
      return tasks.checkpoint(body.databasePath);
    case 'close':
      return tasks.close();
  }
});
