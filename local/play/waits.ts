/** How long jobs waited for a runner, by who launched the runner that took them. */
import { readRecords } from '../../cli/observe/records.ts';
import { percentile } from '../../cli/units.ts';
import type { Job } from '../github/types.ts';
import type { World } from '../world/start-world.ts';

/** World seconds. Absent figures (no job started) are null. */
export interface Spread {
  readonly jobs: number;
  readonly p50: number | null;
  readonly p95: number | null;
}

export interface Waits extends Spread {
  /** On a runner that the webhook launched, the moment that GitHub told of a job. */
  readonly byWebhook: Spread;
  /** On one that reconcile launched; `because` counts what the webhook had answered of these jobs. */
  readonly byReconcile: Spread & { readonly because: Readonly<Record<string, number>> };
}

/** Of a job whose delivery never came. */
export const NO_DELIVERY = 'no-delivery';

export function waitsOf({ logs }: Pick<World, 'logs'>, jobs: readonly Job[]): Waits {
  const started = jobs.filter(({ startedAtMs }) => startedAtMs !== null);
  const { repaired, answers } = readLaunches(logs);
  const isRepair = ({ runnerName }: Job) => repaired.has(runnerName ?? '');
  const repairs = started.filter(isRepair);
  const because = Object.groupBy(repairs, ({ id }) => answers.get(id) ?? NO_DELIVERY);
  return {
    ...spreadOf(started),
    byWebhook: spreadOf(started.filter((job) => !isRepair(job))),
    byReconcile: {
      ...spreadOf(repairs),
      because: Object.fromEntries(Object.entries(because).map(([why, some]) => [why, some?.length ?? 0])),
    },
  };
}

/** The runners that reconcile launched, and the reason that the webhook gave of each job that was queued. */
function readLaunches(logs: readonly string[]) {
  const repaired = new Set<string>();
  const answers = new Map<number, string>();
  for (const [index, message] of logs.entries())
    for (const record of readRecords({ id: `${index}`, atMs: 0, message }, '')) {
      if (record.kind === 'launch' && record.by === 'reconcile' && record.outcome.kind === 'launched')
        repaired.add(record.outcome.runnerName);
      const { job, reason } = record.kind === 'delivery' ? record : {};
      if (job?.action === 'queued' && reason !== undefined && !answers.has(job.job))
        answers.set(job.job, reason);
    }
  return { repaired, answers };
}

function spreadOf(jobs: readonly Job[]): Spread {
  const waits = jobs.map((job) => ((job.startedAtMs ?? 0) - job.queuedAtMs) / 1000);
  const at = (share: number) => rounded(percentile(waits, share));
  return { jobs: jobs.length, p50: at(0.5), p95: at(0.95) };
}

/** In tenths; null for an empty list. */
function rounded(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 10) / 10;
}
