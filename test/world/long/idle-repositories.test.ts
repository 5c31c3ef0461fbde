import { describe, expect, it } from 'vitest';
import { counted, inWorldOf, inWorldWith, sweeps, watchCalls } from '../../fixtures/situations.ts';

const RUNS = /^\/repos\/acme\/([^/]+)\/actions\/runs$/;
const BY_REPOSITORY = 'allow: { repositories: [acme/*] }\nscope: repository';

describe.concurrent('many repositories in which nothing runs', { timeout: 600_000 }, () => {
  it('should be polled in turn, the second time for free, and an archived one never', () =>
    inWorldOf({ idleRepositories: 200 }, async (world) => {
      const calls = watchCalls(world);
      const polls = () => calls.filter(({ path }) => RUNS.test(path ?? ''));
      const free = () => polls().filter(({ status }) => status === 304);
      const names = () => new Set(polls().map(({ path }) => RUNS.exec(path ?? '')?.[1]));
      world.github.accounts.archive('acme/idle-7');
      // 201 repositories, sixty a sweep.
      await sweeps(world, 4, 60);
      expect(names().size).toBe(201);
      expect(names()).not.toContain('idle-7');

      await world.clock.sleep(15 * 60_000);
      await sweeps(world, 4, 60);
      expect(polls().length).toBeGreaterThanOrEqual(2 * 201);
      expect(polls().length - free().length).toBe(201);
      expect(names()).not.toContain('idle-7');
      // And lists of repositories and of runners, a page at a time.
      expect(counted(calls)).toBeLessThan(201 + 30);
    }));
});

describe.concurrent('runners that register at repositories', { timeout: 600_000 }, () => {
  it('should be looked for at ten of 160 repositories at once, and no call be refused', () =>
    inWorldWith(BY_REPOSITORY, { idleRepositories: 160 }, async (world) => {
      const calls = watchCalls(world);
      // Answers that are late overlap.
      world.faults.setRate('github-latency', 1);
      await world.sweep();
      const scopes = calls.filter(({ operation }) => operation.endsWith('list-self-hosted-runners-for-repo'));
      expect(new Set(scopes.map(({ path }) => path)).size).toBeGreaterThanOrEqual(60);
      expect(world.github.mostAtOnce()).toBeLessThanOrEqual(10);
      expect(world.github.mostAtOnce()).toBeGreaterThan(5);
      expect(calls.filter(({ api, status }) => api === 'github' && status >= 400)).toEqual([]);
    }));
});
