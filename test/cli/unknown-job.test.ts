import { describe, expect, it } from 'vitest';
import { judgeUnknown, type UnknownJob } from '../../cli/doctor/unknown-job.ts';
import { POLICY } from '../fixtures/policy.ts';
import { WEB } from '../fixtures/tasks.ts';

const judge = (job: Partial<UnknownJob>, repository = WEB) =>
  judgeUnknown(
    'unknown',
    { jobId: 1, labels: ['fargate'], status: 'queued', ...job },
    { repository, policy: POLICY },
  );

describe('a job that the logs do not know', () => {
  it('should be found by the sweep, where it is ours and waits', () => {
    expect(judge({})).toMatchObject({
      message: expect.stringContaining('its delivery did not come'),
      fix: expect.stringContaining('within a quarter of an hour'),
    });
    expect(judge({ status: 'in_progress' }).fix).not.toContain('quarter');
  });

  it('should be told why no runner would be started for it', () => {
    expect(judge({ labels: ['ubuntu-latest'] }).message).toContain('a label that our runners do not have');
    expect(judge({}, { ...WEB, owner: 'other' }).message).toContain('not in allow.repositories');
  });
});
