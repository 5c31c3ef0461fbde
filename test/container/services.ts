/** Task credentials and KMS, on the loopback interface that a task's container shares. Says where, in one line. */
import { startTaskServices } from '../../local/task/services.ts';

const { url, secrets } = await startTaskServices();
process.stdout.write(`${JSON.stringify({ url, secrets })}\n`);
