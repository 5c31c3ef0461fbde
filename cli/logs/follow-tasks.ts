import type { Deployment } from '../deployment.ts';
import type { Investigation } from '../doctor/investigate.ts';
import { createJudge } from '../doctor/judge-job.ts';
import { haveEnded } from '../observe/is-over.ts';
import { createLogPace, runnerLogGroupOf } from '../observe/log-reader.ts';
import { tasksOf } from '../observe/look.ts';
import type { TaskView } from '../observe/snapshot.ts';
import { createTail, type ReadingLimits, readPatiently } from '../observe/tail.ts';
import type { Pause } from '../pause.ts';
import type { Shown } from './shown.ts';
import { showTaskLine, streamOf } from './task-line.ts';

export interface Following {
  readonly deployment: Deployment;
  readonly investigate: () => Promise<Investigation>;
  readonly print: (lines: readonly Shown[]) => void;
  /** What a person is told while no line comes. */
  readonly tell: (line: string) => void;
  readonly pause: Pause;
  readonly signal: AbortSignal;
}

/** CloudWatch shows a line some seconds after it was written. */
const EVERY_MS = 3_000;
/** A look takes up to ten calls, of the five a second that CloudWatch gives to all of the account. */
const LOOK_EVERY_MS = 10_000;

/** The lines of all tasks of some jobs, from before there is a task until all jobs have ended and all tasks have stopped. */
export async function followTasks(following: Following): Promise<void> {
  const { deployment, investigate, print, pause, signal } = following;
  const { now } = deployment;
  const limits: ReadingLimits = { pace: createLogPace(), now, pause };
  const group = runnerLogGroupOf(deployment);
  const tail = createTail(deployment.logs, [group], now(), limits);
  const byStream = new Map<string, TaskView>();
  const say = createTeller(following);
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  for (let isLast = false; !signal.aborted; await pause(EVERY_MS)) {
    if (!isLast && now() - lookedAtMs >= LOOK_EVERY_MS) {
      lookedAtMs = now();
      const investigation = await investigate();
      say(investigation);
      for (const task of newTasks(investigation, byStream)) {
        const startMs = task.createdAtMs;
        const lines = await readPatiently(
          deployment.logs,
          { group, streamPrefix: streamOf(task.taskArn), startMs },
          limits,
        );
        print(tail.note(lines).map((line) => showTaskLine(line, task)));
      }
      isLast = haveEnded(investigation.jobs, investigation.snapshot);
      continue;
    }
    const lines = await tail.next();
    print(
      lines.flatMap((line) => {
        const task = byStream.get(line.stream);
        return task === undefined ? [] : [showTaskLine(line, task)];
      }),
    );
    // What was written last had a while to show up.
    if (isLast) return;
  }
}

/** Those that were not known before; from now on they are. */
function newTasks({ jobs, snapshot }: Investigation, byStream: Map<string, TaskView>): TaskView[] {
  const tasks = jobs.flatMap(({ jobId }) => tasksOf(snapshot, jobId));
  return tasks.filter((task) => {
    const stream = streamOf(task.taskArn);
    const isNew = !byStream.has(stream);
    byStream.set(stream, task);
    return isNew;
  });
}

/** Tells why a job waits, and how it ended, each once. */
function createTeller({ tell }: Following) {
  const told = new Set<string>();
  return ({ jobs, snapshot }: Investigation): void => {
    const judge = createJudge(snapshot);
    for (const job of jobs) {
      const { wait, end, verdict } = judge(job);
      const key = `${job.jobId} ${wait?.kind ?? end?.kind ?? job.phase}`;
      if (told.has(key)) continue;
      told.add(key);
      tell(`${job.name ?? `job ${job.jobId}`}: ${verdict}`);
    }
  };
}
