/** Handles deliveries one after another, the first uncounted; times each, and weighs the process at the end. */
import { createRequire } from 'node:module';
import { webhookEvent } from '../deployment.ts';
import { silenceLog } from './quiet.ts';

const tell = silenceLog();
const deliveries = Number(process.env['BENCH_DELIVERIES'] ?? '10');
const labels = (process.env['BENCH_LABELS'] ?? 'fargate').split(',');
const { handler } = createRequire(import.meta.url)(process.env['BENCH_BUNDLE'] ?? '');
const timesMs: number[] = [];
const statuses = new Set<number>();
for (let job = 0; job <= deliveries; job++) {
  const event = webhookEvent(1_000 + job, labels);
  const startedAtMs = performance.now();
  const answer = await handler(event);
  if (job > 0) timesMs.push(performance.now() - startedAtMs);
  statuses.add(answer?.statusCode);
}
tell({ timesMs, statuses: [...statuses], rssBytes: process.memoryUsage.rss() });
