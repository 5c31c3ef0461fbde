import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createStandInDaemons, type TaskDaemonsOptions } from '../../local/docker/index.ts';
import { withDocker } from '../../local/play/docker-jobs.ts';
import { readPlay } from '../../local/play/read-play.ts';
import { createScenario } from '../../local/play/scenario.ts';
import type { World } from '../../local/world/start-world.ts';
import {
  build,
  deadLetters,
  inWorldWith,
  jobOf,
  launchesFor,
  queue,
  succeeded,
} from '../fixtures/situations.ts';
import { until } from '../fixtures/world.ts';

/** The embedded world of a deployment with `docker: enabled`, whose daemons answer and do nothing. */
const inDockerWorld = (
  play: (world: World) => Promise<void>,
  { docker = 'docker: { repositories: [acme/*] }', daemonsBy = createStandInDaemons } = {},
) =>
  inWorldWith(
    `allow: { repositories: [acme/*] }\n${docker}`,
    { hasDocker: true, daemonsBy, sweepEverySeconds: 60 },
    play,
  );
const dockerJob = (labels = ['fargate/docker']) => ({ jobs: [{ ...build(), labels }] });
const tasksOf = ({ aws }: World) =>
  aws.tasks().map(({ task, exitCode }) => ({
    provider: task.capacityProviderName,
    launchType: task.launchType,
    exitCode,
  }));
const isGone = ({ aws }: World) => aws.tasks().every(({ lastStatus }) => lastStatus === 'STOPPED');
const gone = (world: World) => until('every task has stopped', () => isGone(world));
const ON_INSTANCE = { provider: 'oneshot-local-docker', launchType: 'MANAGED_INSTANCES' };
const SUCCEEDED = 0;
const DAEMON_MISSING = 27;

describe.concurrent('the scenario', { timeout: 600_000 }, () => {
  const here = (why: string | undefined) => ({ daemons: { whyNone: () => why } });
  const options = { jobs: 1, random: () => 0.5 };
  const labels = ({ docker }: ReturnType<typeof createScenario>) => docker.flatMap((job) => job.labels);

  it('should have jobs with Docker where they were asked for, and the machine has a daemon', () =>
    inDockerWorld(async (world) => {
      const able = { ...world, ...here(undefined) };
      expect(labels(createScenario(able, world.policy, { ...options, docker: true }))).toEqual([
        'fargate/docker',
        'fargate/cpu=2/memory=8/docker',
      ]);
      expect(labels(createScenario(able, world.policy, options))).toEqual([]);
      const unable = { ...world, ...here('a Docker daemon needs Linux and root') };
      expect(labels(createScenario(unable, world.policy, { ...options, docker: true }))).toEqual([]);
      const { notes } = await readPlay({ ...options, docker: true }, world.policy);
      expect(notes(unable)).toEqual(['Jobs with Docker are left out: a Docker daemon needs Linux and root.']);
      expect(notes(able)).toEqual([]);
    }));

  it('should open Docker for what the policy allows, and leave alone who has it already', () =>
    inDockerWorld(async ({ policy }) => {
      const closed = { ...policy, docker: { ...policy.docker, repositories: [] } };
      expect(withDocker(closed).docker.repositories).toEqual(policy.allow.repositories);
      const own = { ...policy, docker: { ...policy.docker, repositories: ['acme/web'] } };
      expect(withDocker(own)).toBe(own);
    }));
});

describe.concurrent('a job that needs Docker', { timeout: 600_000 }, () => {
  it('should run from its webhook to its end on an instance of its own, beside one without on Fargate', () =>
    inDockerWorld(async (world) => {
      const plain = queue(world);
      const small = queue(world, dockerJob());
      const large = queue(world, dockerJob(['fargate/cpu=2/memory=8/docker']));
      await succeeded(world, [plain, small, large]);
      await gone(world);
      const tasks = tasksOf(world);
      expect(tasks).toHaveLength(3);
      expect(tasks).toContainEqual({ provider: 'FARGATE', launchType: 'FARGATE', exitCode: SUCCEEDED });
      expect(tasks.filter(({ provider }) => provider === ON_INSTANCE.provider)).toEqual([
        { ...ON_INSTANCE, exitCode: SUCCEEDED },
        { ...ON_INSTANCE, exitCode: SUCCEEDED },
      ]);
      const instances = world.aws.tasks().flatMap(({ task }) => task.containerInstanceArn ?? []);
      expect(new Set(instances).size).toBe(2);
      const largest = world.aws.tasks().find(({ task }) => task.cpu === '2048');
      expect(largest?.task).toMatchObject({ memory: '8192', group: 'docker' });
      expect(world.github.runners()).toEqual([]);
      expect(deadLetters(world)).toBe(0);
    }));

  it('should get another task where its daemon never comes: the first ends with 27 and takes no job', () =>
    inDockerWorld(async (world) => {
      world.faults.next('docker-daemon-missing');
      const id = queue(world, dockerJob());
      await succeeded(world, [id]);
      await gone(world);
      expect(tasksOf(world)).toEqual([
        { ...ON_INSTANCE, exitCode: DAEMON_MISSING },
        { ...ON_INSTANCE, exitCode: SUCCEEDED },
      ]);
      expect(launchesFor(world, id)).toBe(2);
      expect(world.begun.get(id)).toBe(1);
      const [first] = world.aws.tasks();
      expect(first?.lines.map(({ line }) => line).join('\n')).toContain(
        'no Docker daemon answers at unix://',
      );
    }));

  it('should get another task where its instance never comes, and the first is stopped while it waits', () =>
    inDockerWorld(async (world) => {
      world.faults.next('docker-capacity-never');
      const id = queue(world, dockerJob());
      await succeeded(world, [id]);
      await gone(world);
      expect(jobOf(world, id)?.conclusion).toBe('success');
      const [first, second] = world.aws.tasks();
      expect(first?.lifecycle.map(({ status }) => status)).toEqual([
        'PROVISIONING',
        'DEPROVISIONING',
        'STOPPED',
      ]);
      expect(second?.exitCode).toBe(SUCCEEDED);
    }));

  it('should be launched later where too many tasks wait for an instance', () =>
    inDockerWorld(async (world) => {
      world.faults.next('docker-waiting-full');
      const id = queue(world, dockerJob());
      await succeeded(world, [id]);
      expect(launchesFor(world, id)).toBe(1);
    }));

  it('should leave nothing of its daemon', async () => {
    let base = '';
    const daemonsBy = (options: TaskDaemonsOptions) => {
      base = options.base;
      return createStandInDaemons(options);
    };
    const daemonsIn = () => readdirSync(base).filter((name) => name.endsWith('-docker'));
    await inDockerWorld(
      async (world) => {
        const id = queue(world, dockerJob());
        await until('its task runs', () => tasksOf(world).length > 0 && daemonsIn().length === 1);
        await succeeded(world, [id]);
        await gone(world);
        await until('its daemon is gone', () => daemonsIn().length === 0);
      },
      { daemonsBy },
    );
  });

  it('should be unservable where runners.yml does not open it', () =>
    inDockerWorld(
      async (world) => {
        const id = queue(world, dockerJob());
        await until('it was failed', () => jobOf(world, id)?.status === 'completed');
        expect(jobOf(world, id)?.conclusion).toBe('failure');
        expect(jobOf(world, id)?.annotation).toContain('docker');
        await gone(world);
        expect(tasksOf(world).map(({ provider }) => provider)).toEqual(['FARGATE']);
      },
      { docker: '' },
    ));
});
