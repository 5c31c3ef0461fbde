import { parseRunnerName } from '../../functions/core/job/identity.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import { explainUnread } from './explain.ts';
import type { Facts } from './facts.ts';
import { foldSnapshot } from './fold.ts';
import { createLogReader, type LogReading, logGroupsOf, runnerLogGroupOf } from './log-reader.ts';
import type { LogRecord } from './records.ts';
import type { Snapshot } from './snapshot.ts';
import type { Held } from './source.ts';
import { createSources, type ObservedDeployment, PARTS } from './sources.ts';

export interface ObserverOptions {
  /** For what is asked of GitHub: where it fails, that part is unread. */
  readonly policy: () => Promise<Policy>;
  /** How far back the records are read. */
  readonly windowMs: number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

export interface Observer {
  /** Looks again, and reads only what can be new. A part that cannot be read is named in `unread`. */
  look(): Promise<Snapshot>;
}

/** Looks at a deployment again and again, at a rate that its APIs and its functions can bear. */
export function createObserver(
  deployment: ObservedDeployment,
  { policy, windowMs, pause }: ObserverOptions,
): Observer {
  const sources = createSources(deployment, policy);
  const logs = createLogReader(deployment.logs, [...logGroupsOf(deployment), runnerLogGroupOf(deployment)], {
    now: deployment.now,
    pause,
  });
  let records = new Map<string, LogRecord>();
  return {
    async look() {
      const nowMs = deployment.now();
      const sinceMs = nowMs - windowMs;
      const [reading, tasks, doubts, runners, rules] = await Promise.all([
        logs.read(sinceMs),
        sources.tasks(nowMs),
        sources.doubts(nowMs),
        sources.runners(nowMs),
        // Where it cannot be read, the part that is asked of GitHub says so.
        policy().catch(() => undefined),
      ]);
      for (const record of reading.records) records.set(record.id, record);
      const fold = (jobs: Facts['jobs'], unread: Facts['unread']) =>
        foldSnapshot(
          {
            records: [...records.values()],
            tasks: tasks.value,
            runners: runners.value,
            doubts: doubts.value,
            policy: rules,
            jobs,
            unread,
          },
          {
            stack: deployment.stack,
            prefix: deployment.runnerPrefix,
            githubUrl: deployment.githubWebUrl,
            sinceMs,
            nowMs,
          },
        );
      const jobs = await sources.jobs(nowMs, fold([], []));
      const snapshot = fold(jobs.value, unreadOf(reading, { tasks, doubts, runners, jobs }));
      records = keep(records, snapshot, deployment.runnerPrefix);
      return snapshot;
    },
  };
}

function unreadOf(
  { failed }: LogReading,
  parts: Readonly<Record<keyof typeof PARTS, Held<unknown>>>,
): string[] {
  const ofLogs = failed.map(({ group, error }) =>
    explainUnread(`The log group ${group.name}`, 'logs:FilterLogEvents on it', error),
  );
  const others = (Object.keys(PARTS) as (keyof typeof PARTS)[]).flatMap((part) => {
    const { failure } = parts[part];
    return failure === undefined ? [] : [explainUnread(PARTS[part][0], PARTS[part][1], failure.error)];
  });
  return [...ofLogs, ...others];
}

/** Forgets what is older than the window, but nothing of a job that has not ended. */
function keep(
  records: ReadonlyMap<string, LogRecord>,
  { sinceMs, jobs }: Snapshot,
  prefix: string,
): Map<string, LogRecord> {
  const open = new Set(
    jobs.filter(({ phase }) => phase !== 'done' && phase !== 'ignored').map(({ jobId }) => jobId),
  );
  const isKept = (record: LogRecord) => record.atMs >= sinceMs || open.has(jobIdOf(record, prefix) ?? 0);
  return new Map([...records].filter(([, record]) => isKept(record)));
}

function jobIdOf(record: LogRecord, prefix: string): number | undefined {
  if (record.kind === 'delivery') return record.job?.job;
  if (record.kind === 'waiting') return record.jobId;
  return record.kind === 'launch' ? parseRunnerName(prefix, record.outcome.runnerName)?.jobId : undefined;
}
