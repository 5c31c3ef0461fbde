/** Two sweeps over the tasks that the services show; how long the second took and the most memory that there was. */
import { createRequire } from 'node:module';
import { silenceLog } from './quiet.ts';

const tell = silenceLog();
const { handler } = createRequire(import.meta.url)(process.env['BENCH_BUNDLE'] ?? '');
// The first sweep looks at GitHub too; from then on only when a look, a doubt or a redelivery is due.
await handler({});
const startedAtMs = performance.now();
const done = await handler({});
const totalMs = performance.now() - startedAtMs;
tell({ totalMs, seen: done?.seen, rssBytes: process.resourceUsage().maxRSS * 1024 });
