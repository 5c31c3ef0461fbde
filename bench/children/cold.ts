/** Loads a bundle and handles one event, timed from before the load to after the answer. */
import { createRequire } from 'node:module';
import { silenceLog } from './quiet.ts';

const tell = silenceLog();
const event: unknown = JSON.parse(process.env['BENCH_EVENT'] ?? '{}');
const startedAtMs = performance.now();
const { handler } = createRequire(import.meta.url)(process.env['BENCH_BUNDLE'] ?? '');
const loadedAtMs = performance.now();
const answer = await handler(event);
const endedAtMs = performance.now();
tell({
  loadMs: loadedAtMs - startedAtMs,
  totalMs: endedAtMs - startedAtMs,
  status: answer?.statusCode,
});
