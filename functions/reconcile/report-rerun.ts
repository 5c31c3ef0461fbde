import { placeOf } from '../core/job/place.ts';
import type { Repository } from '../core/job/repository.ts';
import type { Doubt } from '../core/plan/doubt.ts';
import type { FollowUp } from '../core/plan/follow-up.ts';
import type { RerunReason } from '../core/plan/plan-rerun.ts';
import { explain } from '../core/words/reasons.ts';
import { remedyOf } from '../core/words/remedies.ts';
import { rerunLine } from '../records/rerun.ts';
import type { Reporting } from './reporting.ts';
import type { RerunReport } from './rerun.ts';

/** One whose run is not over comes by again and again: no line. */
export function reportRerun(
  { repository }: Doubt,
  rerun: RerunReport,
  next: FollowUp,
  reporting: Reporting,
): void {
  const { logger, count } = reporting.reporter;
  const { reason } = rerun;
  if (reason === 'run-not-over' && next.kind === 'again') return;
  if (next.kind === 'ended') count('DoubtsGivenUp', 1);
  const level = RERUN_LEVELS[reason] ?? 'info';
  logger[level](tellRerun(repository, rerun, reporting), rerunLine(repository, rerun));
  if (reason === 'run-again') count('Reruns', 1);
}

const RERUN_LEVELS: Partial<Record<RerunReason, 'warn' | 'error'>> = {
  'rerun-refused': 'error',
  'rerun-unknown': 'warn',
};

function tellRerun(
  repository: Repository,
  { reason, detail, fault }: RerunReport,
  { policy, parameterPath }: Reporting,
): string {
  if (fault === undefined) return explain(reason, detail);
  return remedyOf(fault, { ...placeOf(repository, policy), parameterPath });
}
