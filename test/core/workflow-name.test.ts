import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDelivery } from '../../functions/core/job/events.ts';
import { readWorkflowName } from '../../functions/core/job/workflow-name.ts';
import { decideLaunch, decideQueued } from '../../functions/core/plan/decide-launch.ts';
import { readTaskIdentity, writeTaskIdentity } from '../../functions/core/task/task-environment.ts';
import { oneJob } from '../../functions/github/job-records.ts';
import { settledLine } from '../../functions/records/settled.ts';
import { jobPayload } from '../fixtures/deliveries.ts';
import { POLICY } from '../fixtures/policy.ts';
import { taskFixture, WEB } from '../fixtures/tasks.ts';

describe('the name of a workflow', () => {
  it.each([
    ['Build and test', 'Build and test'],
    ['Bygg, släpp 🚀', 'Bygg, släpp 🚀'],
    ['.github/workflows/ci.yml', '.github/workflows/ci.yml'],
    ['two\nlines\u0007', 'two lines'],
    ['half \uD83D', 'half'],
    ['  ', undefined],
    ['', undefined],
    [null, undefined],
    [7, undefined],
  ])('should be read as GitHub tells it, on one line: %j', (value, name) => {
    expect(readWorkflowName(value)).toBe(name);
  });

  it('should have at most 255 code units, and no half of a character at its end', () => {
    expect(readWorkflowName('x'.repeat(300))).toHaveLength(255);
    expect(readWorkflowName(`${'x'.repeat(254)}🚀`)).toBe('x'.repeat(254));
  });

  it('should come through from the delivery to the launch', () => {
    const delivery = readDelivery('workflow_job', jobPayload({ job: { workflow_name: 'Nightly – all' } }));
    if (delivery.kind !== 'job') throw new Error(delivery.kind);
    expect(decideLaunch(delivery, POLICY)).toMatchObject({
      verdict: 'launch',
      workflowName: 'Nightly – all',
    });
  });

  it('should come back from a task as it was written there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const workflowName = readWorkflowName(text);
        const identity = {
          repository: WEB,
          scope: 'orgs/acme',
          runnerId: 9,
          labels: ['fargate'],
          workflowName,
        } as const;
        const environment = new Map(Object.entries(writeTaskIdentity(identity)));
        expect(readTaskIdentity(environment, WEB.id)?.workflowName).toBe(workflowName);
      }),
    );
  });

  it('should come through from GitHub’s list of jobs to the launch', () => {
    const job = { id: 7, run_id: 5, status: 'queued', labels: ['fargate'], workflow_name: 'Nightly – all' };
    const [read] = oneJob(WEB, 7).read(job)?.items ?? [];
    if (read === undefined) throw new Error('not read');
    expect(decideQueued({ ...read, repository: WEB }, POLICY)).toMatchObject({
      workflowName: 'Nightly – all',
    });
    expect(oneJob(WEB, 7).read({ ...job, workflow_name: null })?.items).toMatchObject([
      { workflowName: undefined },
    ]);
  });

  it('should be kept with the labels when the task has stopped, and nothing that only one run has', () => {
    const task = taskFixture(7, { workflowName: 'CI', labels: ['self-hosted', 'fargate/cpu=4/run=99/id=a'] });
    const hardware = { vcpu: 4, memoryGiB: 8, storageGiB: 20, arch: 'x64', provider: 'fargate' } as const;
    const done = { ending: 'idle', isRemoved: true, isDoubted: false, errors: [], phases: {} } as const;
    expect(settledLine(task, { ...done, hardware, costUsd: 1, billedSeconds: 60 })).toMatchObject({
      workflow: 'CI',
      labels: ['self-hosted', 'fargate/cpu=4'],
    });
  });
});
