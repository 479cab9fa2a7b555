/** The thread's side of `maintenance-thread.ts`: does requests one by one. */
import type { MaintenanceRequest } from './maintenance-thread.ts';
import { MaintenanceTasks } from './maintenance.ts';
import { serveThread } from './thread-service.ts';

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
