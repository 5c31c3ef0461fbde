import { counted } from '../../../functions/core/words/count.ts';
import { NOW_MS, ofLastHour } from '../last-hour.ts';
import { fail, link, ok } from '../link.ts';

const MINUTE_MS = 60_000;
const LONG_WAIT_MS = 15 * MINUTE_MS;

const WAITING_JOBS = ofLastHour(({ jobs: all }) =>
  all.flatMap(({ jobId, phase, queuedAtMs }) =>
    phase === 'queued' && queuedAtMs !== undefined ? [{ jobId, queuedAtMs }] : [],
  ),
);

export const jobs = link({
  id: 'jobs',
  title: 'no job waits long',
  tries: 'the jobs of the last hour',
  needs: [],
  reads: { nowMs: NOW_MS, waitingJobs: WAITING_JOBS },
  judge: ({ waitingJobs, nowMs }) => {
    const [oldest] = waitingJobs.toSorted((a, b) => a.queuedAtMs - b.queuedAtMs);
    return oldest === undefined || nowMs - oldest.queuedAtMs < LONG_WAIT_MS
      ? ok(`${waitingJobs.length} wait`)
      : fail(
          `job ${oldest.jobId} for ${counted(Math.round((nowMs - oldest.queuedAtMs) / MINUTE_MS), 'minute')}`,
          `oneshot doctor --job ${oldest.jobId} tells its story`,
        );
  },
});
