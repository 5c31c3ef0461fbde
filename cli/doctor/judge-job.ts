import type { JobView, Snapshot } from '../observe/snapshot.ts';
import { WAITS, type Wait } from '../observe/why/waits.ts';
import { createVerdict, type Verdict } from '../observe/why/whose-fault.ts';
import { createWhy } from '../observe/why/why-it-waits.ts';
import { whyItWasLate } from '../observe/why/why-it-was-late.ts';
import { span } from '../units.ts';

/** Where a job stands, in words. */
export interface Judgement {
  /** One or a few sentences. */
  readonly verdict: string;
  /** False where something is at fault on our side, or somebody has to act on the deployment. */
  readonly isWell: boolean;
  /** Of one that has ended: whose fault its end was. */
  readonly end: Verdict | undefined;
  /** Of one that waits: why. */
  readonly wait: Wait | undefined;
}

/** For the jobs of one snapshot. Pure. */
export function createJudge(snapshot: Snapshot): (job: JobView) => Judgement {
  const [why, verdict] = [createWhy(snapshot), createVerdict(snapshot)];
  return (job) => {
    const [end, wait] = [verdict(job), why(job)];
    const late = whyItWasLate(job);
    const told = end?.text ?? wait?.text ?? running(job, snapshot.takenAtMs);
    return {
      verdict: [told, late].filter((part) => part !== undefined).join(' '),
      isWell: !(end?.isFault ?? (wait !== undefined && WAITS[wait.kind].isFault)),
      end,
      wait: end === undefined ? wait : undefined,
    };
  };
}

const running = ({ startedAtMs, phase, runnerName }: JobView, nowMs: number): string => {
  const since = startedAtMs === undefined ? '' : `, for ${span(nowMs - startedAtMs)} now`;
  if (phase === 'ignored') return `It does not run here${runnerName ? `, but on ${runnerName}` : ''}.`;
  return `It runs${since}.`;
};
