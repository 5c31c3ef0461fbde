import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { Snapshot } from '../observe/snapshot.ts';
import type { RecordFacts } from './facts.ts';

/** What a snapshot of the last hour says to the doctor. Pure. */
export function recordFacts(snapshot: Snapshot): Omit<RecordFacts, 'doubts'> {
  const { jobs, tasks, faults } = snapshot;
  const failed = jobs.flatMap(({ launches }) =>
    launches.filter(({ outcome }) => outcome === 'refused' || outcome === 'unknown'),
  );
  const endings = new Map<TaskEnding, number>();
  for (const { ending } of tasks)
    if (ending !== undefined) endings.set(ending, (endings.get(ending) ?? 0) + 1);
  return {
    sweep: { kind: 'read', value: lastSweep(snapshot) },
    refusals: new Map(failed.map(({ outcome, refusal, detail = '' }) => [refusal ?? outcome, detail])),
    endings,
    stops: tasks.flatMap(({ stop }) => stop ?? []),
    errors: faults
      .filter(({ service }) => service !== 'sweep')
      .map(
        ({ service, message, detail }) =>
          `${service}: ${message}${detail === undefined ? '' : `: ${detail}`}`,
      ),
    waitingJobs: jobs.flatMap(({ jobId, phase, queuedAtMs }) =>
      phase === 'queued' && queuedAtMs !== undefined ? [{ jobId, queuedAtMs }] : [],
    ),
  };
}

function lastSweep({ sweptAtMs, faults }: Snapshot) {
  if (sweptAtMs === undefined) return undefined;
  const failed = faults.filter(({ service, atMs }) => service === 'sweep' && atMs >= sweptAtMs);
  return { lastAtMs: sweptAtMs, lastErrors: failed.map(({ message, detail }) => detail ?? message) };
}
