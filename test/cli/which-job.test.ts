import { describe, expect, it } from 'vitest';
import { requireWhich } from '../../cli/observe/which-job.ts';

const acmeWeb = { owner: 'acme', name: 'web' };
const job = (jobId: number, repository: object | undefined = acmeWeb) => ({ kind: 'job', jobId, repository });
const run = (runId: number, attempt?: number) => ({ kind: 'run', runId, attempt, repository: acmeWeb });
const page = 'https://github.com/acme/web';

describe('what a person gives for a job', () => {
  it.each([
    ['31415', { kind: 'job', jobId: 31415, repository: undefined }],
    [`${page}/actions/runs/1/job/2`, job(2)],
    [`${page}/actions/runs/1/job/2?pr=3#step:4:5`, job(2)],
    [`${page}/actions/runs/1/attempts/2/job/3`, job(3)],
    ['acme/web/actions/runs/1/job/2', job(2)],
    ['https://ghe.example.com/acme/web/actions/runs/1/jobs/2/', job(2)],
    ['https://api.github.com/repos/acme/web/actions/jobs/7', job(7)],
    ['https://ghe.example.com/api/v3/repos/acme/web/actions/jobs/7', job(7)],
    [`${page}/runs/7?check_suite_focus=true`, job(7)],
    [`${page}/commit/0a1b2c/checks/7`, job(7)],
    [`${page}/pull/9/checks?check_run_id=7`, job(7)],
    [`${page}/actions/runs/1`, run(1)],
    [`${page}/actions/runs/1/attempts/2`, run(1, 2)],
    [`${page}/actions/runs/1/attempts/2?pr=4`, run(1, 2)],
    [`${page}/actions/runs/1/workflow`, run(1)],
    [`${page}/actions/runs/1?pr=4`, run(1)],
  ])('should be understood: %s', (text, which) => {
    expect(requireWhich(text)).toEqual(which);
  });

  it.each([
    ['what', /the address of a job’s page .* or of a run’s/],
    ['0', /the id of a job/],
    [`${page}/pull/9/checks`, /open the check on that page/],
    [`${page}/actions`, /address/],
    ['99999999999999999999', /address/],
  ])('should be refused with what to give instead: %s', (text, fix) => {
    expect(() => requireWhich(text)).toThrow(
      expect.objectContaining({ exitCode: 2, fix: expect.stringMatching(fix) }),
    );
  });
});
