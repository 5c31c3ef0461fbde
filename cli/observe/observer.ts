import type { Policy } from '../../functions/core/job/policy.ts';
import { explainUnread } from './explain.ts';
import type { Facts } from './facts.ts';
import { type Folding, foldSnapshot } from './fold.ts';
import { type Remembered, rememberLogs } from './log-memory.ts';
import type { Snapshot } from './snapshot.ts';
import type { Held } from './source.ts';
import { createSources, type ObservedDeployment, PARTS } from './sources.ts';

export interface ObserverOptions {
  /** For what is asked of GitHub: where it fails, that part is unread. */
  readonly policy: () => Promise<Policy>;
  /** How far back the records are read before the first look ends. */
  readonly windowMs: number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

export interface Observer {
  /**
   * Looks again, and reads only what can be new. A part that cannot be read is named in `unread`. A longer window than the
   * first look's is read little by little, while later looks show what there is of it.
   */
  look(windowMs?: number): Promise<Snapshot>;
}

/** Looks at a deployment again and again, at a rate that its APIs and its functions can bear. */
export function createObserver(
  deployment: ObservedDeployment,
  { policy, windowMs, pause }: ObserverOptions,
): Observer {
  const sources = createSources(deployment, policy);
  const memory = rememberLogs(deployment, { windowMs, pause });
  let open: ReadonlySet<number> = new Set();
  return {
    async look(wantedMs = windowMs) {
      const nowMs = deployment.now();
      const sinceMs = nowMs - wantedMs;
      const [logs, tasks, doubts, runners, rules] = await Promise.all([
        memory.read({ sinceMs, nowMs }, open),
        sources.tasks(nowMs),
        sources.doubts(nowMs),
        sources.runners(nowMs),
        // Where it cannot be read, the part that is asked of GitHub says so.
        policy().catch(() => undefined),
      ]);
      const parts = { tasks: tasks.value, runners: runners.value, doubts: doubts.value, policy: rules };
      const folding = foldingOf(deployment, sinceMs, nowMs);
      const fold = (jobs: Facts['jobs'], unread: Facts['unread']) =>
        foldSnapshot({ ...parts, records: logs.records, jobs, unread }, folding);
      const jobs = await sources.jobs(nowMs, () => fold([], []));
      const snapshot = fold(jobs.value, unreadOf(logs, { tasks, doubts, runners, jobs }));
      open = openJobs(snapshot);
      return snapshot;
    },
  };
}

const foldingOf = (
  { stack, region, runnerPrefix: prefix, githubWebUrl: githubUrl }: ObservedDeployment,
  sinceMs: number,
  nowMs: number,
): Folding => ({ stack, region, prefix, githubUrl, sinceMs, nowMs });

function unreadOf(
  { failed, missing }: Remembered,
  parts: Readonly<Record<keyof typeof PARTS, Held<unknown>>>,
): string[] {
  const ofLogs = failed.map(({ group, error }) =>
    explainUnread(`The log group ${group.name}`, 'logs:FilterLogEvents on it', error),
  );
  const others = (Object.keys(PARTS) as (keyof typeof PARTS)[]).flatMap((part) => {
    const { failure } = parts[part];
    return failure === undefined ? [] : [explainUnread(PARTS[part][0], PARTS[part][1], failure.error)];
  });
  return [...ofLogs, ...(missing === undefined ? [] : [missing]), ...others];
}

const openJobs = ({ jobs }: Snapshot): ReadonlySet<number> =>
  new Set(jobs.filter(({ phase }) => phase !== 'done' && phase !== 'ignored').map(({ jobId }) => jobId));
