import type { JobView } from '../observe/snapshot.ts';
import type { Investigation } from './investigate.ts';
import { createJudge, type Judgement } from './judge-job.ts';
import { type Story, tellStory } from './story.ts';

/** One job of a run, in a line. */
interface JobLine extends Pick<JobView, 'jobId' | 'name' | 'phase' | 'conclusion' | 'url'>, Judgement {}

/** What became of a run's jobs. */
export interface RunStory {
  readonly title: string;
  /** In the order in which they were queued. */
  readonly jobs: readonly JobLine[];
  /** Of the job that failed, or else of the one that has waited longest. */
  readonly story: Story | undefined;
  readonly isWell: boolean;
}

/** Pure. */
export function tellRun(runId: number, investigation: Investigation): RunStory {
  const { jobs, snapshot } = investigation;
  const judge = createJudge(snapshot);
  const lines = jobs.map((job): JobLine => {
    const { jobId, name, phase, conclusion, url } = job;
    return { jobId, name, phase, conclusion, url, ...judge(job) };
  });
  const worst = jobs[worstOf(lines)];
  return {
    title: `${jobs[0]?.repository ?? ''}: run ${runId}`,
    jobs: lines,
    story: worst && tellStory(worst, investigation),
    isWell: lines.every(({ isWell }) => isWell),
  };
}

/** Where it stands in the list: -1 where all went well. */
function worstOf(lines: readonly JobLine[]): number {
  const first = (is: (line: JobLine) => boolean) => lines.findIndex(is);
  const found = [first(hasFailed), first(({ isWell }) => !isWell), first(({ wait }) => wait !== undefined)];
  return found.find((index) => index >= 0) ?? -1;
}

const GOOD_ENDS = new Set(['succeeded', 'skipped', 'cancelled']);

export const hasFailed = ({ end }: Pick<Judgement, 'end'>): boolean =>
  end !== undefined && !GOOD_ENDS.has(end.kind);
