import type { JobPhase, JobView, Snapshot } from '../observe/snapshot.ts';
import { table } from '../output.ts';
import { span } from '../units.ts';

const HEAD = ['Job', 'Name', 'Repository', 'Labels', 'Is', 'Waited', 'Runs for'];

/** Jobs that have not ended. How long one waited stands still once it runs. */
export const jobTable = (jobs: readonly JobView[], { takenAtMs }: Pick<Snapshot, 'takenAtMs'>): string =>
  table(
    HEAD,
    jobs.map((job) => {
      const { jobId, name = '', repository, labels } = job;
      return [jobId, name, repository, labels.join(', '), stateOf(job), ...timesOf(job, takenAtMs)];
    }),
  );

const WORDS: Readonly<Record<JobPhase, string>> = {
  queued: 'waits',
  starting: 'runner starts',
  running: 'runs',
  done: 'ended',
  ignored: 'not ours',
};

function stateOf({ phase, isSwapped, launches }: JobView): string {
  const launched = launches.filter(({ outcome }) => outcome === 'launched').length;
  return [
    WORDS[phase],
    ...(isSwapped ? ['on another job’s runner'] : []),
    ...(launched > 1 ? [`launched ${launched} times`] : []),
  ].join(', ');
}

function timesOf({ phase, queuedAtMs, startedAtMs }: JobView, nowMs: number): [string, string] {
  const isRunning = phase === 'running';
  const startMs = isRunning ? startedAtMs : nowMs;
  const waited = queuedAtMs === undefined || startMs === undefined ? '' : span(startMs - queuedAtMs);
  return [waited, isRunning && startedAtMs !== undefined ? span(nowMs - startedAtMs) : ''];
}
