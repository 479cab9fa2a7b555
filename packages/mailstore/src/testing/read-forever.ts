/**
 * A process that reads a mailbox's database in one long transaction, as a backup does: prints
 * "reading", and at its end what it read. Argument: path of the database.
 */
import { Database } from '@homeward/durable-store';

const database = new Database(process.argv[2] ?? '', { isReadOnly: true });
database.exec('BEGIN');
database.statement('SELECT count(*) FROM message').row();
process.stdout.write('reading\n');
// Until it is killed.
setInterval(() => database.statement('SELECT count(*) FROM message').row(), 20);
