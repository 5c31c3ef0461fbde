import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { costOfSettled } from '../../cli/observe/cost.ts';
import { writeTaskIdentity } from '../../functions/core/task/task-environment.ts';
import { handler } from '../../functions/settle/handler.ts';
import { POLICY } from '../fixtures/policy.ts';
import { WEB } from '../fixtures/tasks.ts';

const PREFIX = 'oneshot-dev-5e1fc0de';
const ENVIRONMENT = {
  AWS_REGION: 'eu-west-2',
  ONESHOT_STACK: 'oneshot-dev',
  ONESHOT_RUNNER_PREFIX: PREFIX,
  ONESHOT_STAGE: 'dev',
  ONESHOT_PARAMETER_PATH: '/oneshot/dev/github',
  ONESHOT_CLUSTER: 'arn:aws:ecs:eu-west-2:1:cluster/oneshot-dev',
  ONESHOT_DOUBT_QUEUE_URL: 'https://sqs.eu-west-2.amazonaws.com/1/doubts.fifo',
  ONESHOT_DEAD_DOUBT_QUEUE_URL: 'https://sqs.eu-west-2.amazonaws.com/1/dead.fifo',
};
const info = vi.spyOn(Logger.prototype, 'info');
const addMetric = vi.spyOn(Metrics.prototype, 'addMetric');

beforeAll(() => {
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
  info.mockReturnValue(undefined);
  addMetric.mockReturnThis();
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** A task that ran a job to its end: nothing is asked of anyone. An hour is billed. */
const EVENT = {
  id: 'e',
  detail: {
    taskArn: 'arn:aws:ecs:eu-west-2:1:task/oneshot-dev/1',
    lastStatus: 'STOPPED',
    startedBy: `${PREFIX}-1-7-0`,
    ...{ cpu: '2048', memory: '4096', capacityProviderName: 'FARGATE' },
    taskDefinitionArn: 'arn:aws:ecs:eu-west-2:1:task-definition/oneshot-dev-x64:1',
    createdAt: '2026-11-01T08:00:00Z',
    pullStartedAt: '2026-11-01T08:00:10Z',
    pullStoppedAt: '2026-11-01T08:00:40Z',
    startedAt: '2026-11-01T08:00:46Z',
    stoppedAt: '2026-11-01T09:00:10Z',
    containers: [{ name: 'runner', exitCode: 0 }],
    overrides: {
      containerOverrides: [
        {
          name: 'runner',
          environment: Object.entries(
            writeTaskIdentity({
              ...{ repository: WEB, scope: 'orgs/acme', runnerId: 9, labels: ['fargate/run=1'] },
              workflowName: 'Bygg 🚀',
            }),
          ).map(([name, value]) => ({ name, value })),
        },
      ],
    },
  },
};

vi.stubGlobal('BUNDLED_POLICY', POLICY);

describe('the function that settles', () => {
  it('should record what a task was for and its cost in this region, as its metric and the command have it', async () => {
    await handler(EVENT as unknown as Parameters<typeof handler>[0]);
    const line = JSON.parse(
      JSON.stringify(info.mock.calls.find(([message]) => message === 'task stopped')?.[1]),
    );
    const hourUsd = 2 * 0.04656 + 4 * 0.00511;
    expect(line).toMatchObject({
      ...{ repository: 'acme/web', workflow: 'Bygg 🚀', labels: ['fargate'], billedSeconds: 3600 },
      costUsd: expect.closeTo(hourUsd, 9),
    });
    expect(addMetric.mock.calls.find(([name]) => name === 'TaskCostUsd')?.[2]).toBe(line.costUsd);
    const { cost } = costOfSettled(line, 'eu-west-2');
    expect(cost).toMatchObject({ usd: line.costUsd, idleUsd: 0, bootUsd: expect.closeTo(hourUsd / 100, 9) });
  });
});
