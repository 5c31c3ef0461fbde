import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pollRepository } from '../../functions/github/poll.ts';
import { type FakeGitHub, startFakeGitHub } from './fake-github.ts';
import { type FakeRepository, REPOSITORY, serveRepository } from './fake-repository.ts';

let github: FakeGitHub;
let repository: FakeRepository;
beforeEach(async () => {
  github = await startFakeGitHub();
  repository = serveRepository(github);
});
afterEach(() => github.close());

const poll = (status: Parameters<typeof pollRepository>[2] = 'any', name = 'web') =>
  pollRepository(github.app, { ...REPOSITORY, name }, status);

describe('a poll of a repository', () => {
  it('should be one call, and be free for as long as nothing has changed', async () => {
    repository.add(1, 'completed');
    expect(await poll()).toEqual({ hasActiveRuns: false, isCounted: true });
    expect(await poll()).toEqual({ hasActiveRuns: false, isCounted: false });
    repository.add(2, 'queued');
    expect(await poll()).toEqual({ hasActiveRuns: true, isCounted: true });
    expect(await poll()).toEqual({ hasActiveRuns: true, isCounted: false });
    expect(repository.asked()).toEqual(['runs', 'runs', 'runs', 'runs']);
  });

  it.each(['queued', 'in_progress', 'waiting', 'pending', 'requested'])(
    'should see a run that is %s, and not those that have ended',
    async (status) => {
      repository.add(1, status);
      expect((await poll()).hasActiveRuns).toBe(true);
      repository.add(1, 'completed');
      expect((await poll()).hasActiveRuns).toBe(false);
    },
  );

  it('should ask for one status alone where it is told to, and confuse it with no other poll', async () => {
    repository.add(1, 'waiting');
    expect((await poll('waiting')).hasActiveRuns).toBe(true);
    expect((await poll('queued')).hasActiveRuns).toBe(false);
    expect((await poll('waiting')).hasActiveRuns).toBe(true);
    expect(repository.asked()).toEqual(['runs waiting', 'runs queued', 'runs waiting']);
  });

  it('should keep the answers of more repositories than it could keep lists of', async () => {
    github.answer = ({ etag }) =>
      etag === undefined ? { headers: { etag: '"same"' }, body: { workflow_runs: [] } } : { status: 304 };
    const pollAll = async () => {
      let counted = 0;
      for (let index = 0; index < 400; index++) if ((await poll('any', `web-${index}`)).isCounted) counted++;
      return counted;
    };
    expect([await pollAll(), await pollAll()]).toEqual([400, 0]);
  });

  it('should leave out bad records, and take no body for a list that is none', async () => {
    const list = (...workflow_runs: unknown[]) =>
      repository.overrides.set('runs', { body: { workflow_runs } });
    list(null, { id: 1 }, { id: -1, status: 'queued' }, 'run');
    expect((await poll()).hasActiveRuns).toBe(false);
    for (const body of [{}, [], '<html></html>', { workflow_runs: null }]) {
      repository.overrides.set('runs', { body });
      await expect(poll()).rejects.toThrow(
        /poll runs: the answer is not of the documented form \(status 200/,
      );
    }
  });

  it('should say with which status GitHub refused', async () => {
    repository.overrides.set('runs', { status: 404, body: { message: 'Not Found' } });
    await expect(poll()).rejects.toMatchObject({ name: 'ServiceError', facts: { status: 404 } });
  });

  it('should forget a body without an ETag, and fail where a 304 was not asked for', async () => {
    await poll();
    repository.overrides.set('runs', { body: { workflow_runs: [] } });
    await poll();
    repository.overrides.set('runs', { status: 304 });
    await expect(poll()).rejects.toMatchObject({ facts: { status: 304 } });
    expect(github.asked.map(({ etag }) => etag !== undefined)).toEqual([false, true, false]);
  });
});
