import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import type { RunRequest } from '../../local/github/types.ts';
import type { World } from '../../local/world/start-world.ts';
import { inWorldOf } from '../fixtures/situations.ts';
import { until } from '../fixtures/world.ts';

const build = (name = 'build') => ({ name, labels: ['fargate'], durationSeconds: 30 });
const queue = (world: World, run: Partial<RunRequest> = {}): number[] =>
  world.github.queueRun({ repository: 'acme/web', jobs: [build()], ...run });
const conclusions = ({ github }: World) => github.jobs().map(({ conclusion }) => conclusion);
const ended = (world: World) =>
  until('every job has ended', () => conclusions(world).every((each) => each !== null));

/** A client of the world's App, at one installation. */
const clientOf = ({ github, privateKey }: World, installationId: number) =>
  new Octokit({
    baseUrl: github.url,
    authStrategy: createAppAuth,
    auth: { appId: 123_456, privateKey, installationId },
  });

describe.concurrent('a world of several owners', { timeout: 600_000 }, () => {
  it('should have idle repositories at each, and an hour of calls for each', () =>
    inWorldOf({ owners: ['umbrella'], idleRepositories: 120, callsPerHour: 500 }, async (world) => {
      expect(world.installations.map(({ owner }) => owner.login)).toEqual(['acme', 'umbrella']);
      for (const { id, owner } of world.installations) {
        const { data, headers } = await clientOf(world, id).request('GET /installation/repositories', {
          per_page: 100,
          page: 2,
        });
        expect(data.total_count).toBe(122);
        expect(data.repositories.at(-1)?.full_name).toBe(`${owner.login}/idle-120`);
        expect(headers).toMatchObject({ 'x-ratelimit-limit': '500', 'x-ratelimit-remaining': '499' });
      }
      const ids = world.installations.flatMap(({ repositories }) => repositories.map(({ id }) => id));
      expect(new Set(ids).size).toBe(2 * 122);
    }));

  it('should launch nothing for an owner that the policy does not allow', () =>
    inWorldOf({ owners: ['umbrella'] }, async (world) => {
      queue(world, { repository: 'umbrella/web' });
      await until('the job was delivered', () =>
        world.github.deliveries().some(({ jobId }) => jobId !== null),
      );
      queue(world);
      await until('the job of acme has ended', () => conclusions(world)[1] === 'success');
      expect(conclusions(world)).toEqual([null, 'success']);
      expect(world.aws.tasks()).toHaveLength(1);
    }));
});

describe.concurrent('a job', { timeout: 600_000 }, () => {
  it('should be served in a repository that was renamed', () =>
    inWorldOf({}, async (world) => {
      world.github.accounts.rename('acme/web', 'store');
      queue(world, { repository: 'acme/store' });
      await ended(world);
      expect(conclusions(world)).toEqual(['success']);
    }));

  it('should be served when its run gives few jobs away at a time', () =>
    inWorldOf({ sweepEverySeconds: 60 }, async (world) => {
      let most = 0;
      const running = () => world.github.jobs().filter(({ status }) => status === 'in_progress').length;
      world.github.on('job', () => {
        most = Math.max(most, running());
      });
      queue(world, { jobs: [build('a'), build('b'), build('c')], maxParallel: 1 });
      await ended(world);
      expect(conclusions(world)).toEqual(['success', 'success', 'success']);
      expect(most).toBe(1);
    }));

  it('should be served once an outage of the webhook is over: the sweep has its delivery sent again', () =>
    inWorldOf({}, async (world) => {
      world.github.failDeliveries(true);
      queue(world, { jobs: [build('a'), build('b')] });
      await world.github.settled();
      expect(world.github.deliveries().filter(({ statusCode }) => statusCode === 502)).toHaveLength(2);
      world.github.failDeliveries(false);
      await world.sweep();
      await ended(world);
      expect(conclusions(world)).toEqual(['success', 'success']);
    }));
});

describe.concurrent('a stranger who has installed the App', { timeout: 600_000 }, () => {
  it('should get no task for a job of his', () =>
    inWorldOf({}, async (world) => {
      const delivery = await world.github.strangerDelivers({ action: 'queued', labels: ['fargate'] });
      expect(delivery).toMatchObject({
        statusCode: 200,
        responseBody: expect.stringContaining('repository-not-allowed'),
      });
      expect(world.aws.tasks()).toEqual([]);
    }));
});
