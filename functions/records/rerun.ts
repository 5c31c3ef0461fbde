import * as v from 'valibot';
import { fullName, type Repository } from '../core/job/repository.ts';
import type { Reason } from '../core/words/reasons.ts';
import { number, reason, schema, text, VERSION, version } from './parts.ts';

/** What came of a job that may have been lost to a Spot interruption. */
export const RERUN = /* @__PURE__ */ schema(() =>
  v.object({
    version,
    rerunJobId: v.number(),
    reason,
    problem: text,
    repository: v.string(),
    runId: number,
  }),
);

interface Rerun {
  readonly jobId: number;
  readonly runId: number | undefined;
  readonly reason: Reason;
  readonly detail?: string;
}

export const rerunLine = (
  repository: Repository,
  { jobId, runId, reason: came, detail }: Rerun,
): v.InferInput<typeof RERUN> => ({
  version: VERSION,
  repository: fullName(repository),
  rerunJobId: jobId,
  reason: came,
  problem: detail,
  runId,
});
