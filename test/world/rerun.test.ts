import { describe, expect, it } from 'vitest';
import type { JobRequest } from '../../local/github/types.ts';
import type { World } from '../../local/world/start-world.ts';
import { inWorldWith } from '../fixtures/situations.ts';
import { until } from '../fixtures/world.ts';

const runners = (spot: string) => `{ allow: { repositories: [acme/*] }, spot: { ${spot} } }`;
const ONCE = 'rerun: once, fallback: on-demand-after-interruption';
const PERMISSIONS = {
  actions: 'write',
  deployments: 'read',
  metadata: 'read',
  organization_self_hosted_runners: 'write',
} as const;

const onSpot = (changes: Partial<JobRequest> = {}): JobRequest => ({
  ...{ name: 'build', labels: ['fargate/spot'], durationSeconds: 600, ...changes },
});

/** A run whose first job begins on Spot, and whose task is then taken back; the attempts of that job. */
async function interrupt(world: World, jobs: readonly JobRequest[]) {
  const { owner, repositories } = world.installation;
  const [id = 0] = world.github.queueRun({ repository: `${owner.login}/${repositories[0]?.name}`, jobs });
  const jobOf = () => world.github.jobs().find((job) => job.id === id);
  await until('it runs', () => jobOf()?.status === 'in_progress');
  const task = world.aws.tasks().find(({ startedBy }) => startedBy === jobOf()?.runnerName);
  world.aws.interruptTask(task?.task.taskArn ?? '');
  await until('it is lost', () => jobOf()?.status === 'completed');
  expect(jobOf()?.conclusion).toBe('failure');
  const name = jobOf()?.name;
  return () => world.github.jobs().filter((job) => job.name === name);
}
const reruns = (world: World) =>
  Object.entries(world.ledger.counts()['github'] ?? {}).filter(([name]) => name.startsWith('actions/re-run'));

/** Long enough for a lost job to be run again. */
const longEnough = (world: World) => {
  const fromMs = world.clock.nowMs();
  return until('half an hour is over', () => world.clock.nowMs() - fromMs > 30 * 60_000);
};

describe.concurrent('a job that Spot has taken', { timeout: 600_000 }, () => {
  it('should be run again, once and on demand', () =>
    inWorldWith(runners(ONCE), {}, async (world) => {
      world.github.changeInstallation({ permissions: PERMISSIONS });
      const attempts = await interrupt(world, [onSpot(), onSpot({ name: 'other', durationSeconds: 30 })]);
      await until('its second attempt is over', () => attempts()[1]?.status === 'completed');
      expect(attempts()).toMatchObject([{ runAttempt: 1 }, { runAttempt: 2, conclusion: 'success' }]);
      const second = world.aws.tasks().find(({ startedBy }) => startedBy === attempts()[1]?.runnerName);
      expect(second?.task.capacityProviderName).toBe('FARGATE');
      expect(reruns(world)).toEqual([['actions/re-run-job-for-workflow-run', 1]]);
      expect(world.github.jobs().filter(({ name }) => name === 'other')).toHaveLength(1);
    }));

  it('should stay lost where runs are not started again', () =>
    inWorldWith(runners('rerun: never'), {}, async (world) => {
      world.github.changeInstallation({ permissions: PERMISSIONS });
      const attempts = await interrupt(world, [onSpot()]);
      await longEnough(world);
      expect(attempts()).toHaveLength(1);
      expect(reruns(world)).toEqual([]);
    }));

  it.each([
    ['stay lost where it deploys', ONCE, 1],
    ['be run again where its environment is named', `${ONCE}, environments: [production]`, 2],
  ])('should %s', (_, spot, count) =>
    inWorldWith(runners(spot), {}, async (world) => {
      world.github.changeInstallation({ permissions: PERMISSIONS });
      const deploys = onSpot({ environment: 'production', needsApproval: false });
      const attempts = await interrupt(world, [deploys]);
      await longEnough(world);
      expect(attempts()).toHaveLength(count);
    }),
  );

  it.each([
    ['start it again', { ...PERMISSIONS, actions: 'read' }],
    ['read deployments', { ...PERMISSIONS, deployments: undefined }],
  ] as const)('should stay lost where the App may not %s, and the log say what it lacks', (_, granted) =>
    inWorldWith(runners(ONCE), {}, async (world) => {
      world.github.changeInstallation({ permissions: JSON.parse(JSON.stringify(granted)) });
      const attempts = await interrupt(world, [onSpot()]);
      await longEnough(world);
      expect(attempts()).toHaveLength(1);
      const lines = world.logs.join('\n');
      expect(lines).toContain('give the App the permissions Actions: write and Deployments: read');
    }),
  );
});
