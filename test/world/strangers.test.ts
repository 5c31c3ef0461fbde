import { describe, expect, it } from 'vitest';
import type { Runner } from '../../local/github/types.ts';
import type { World } from '../../local/world/start-world.ts';
import {
  build,
  inWorldOf,
  inWorldWith,
  isDoubtless,
  queue,
  records,
  watchCalls,
} from '../fixtures/situations.ts';
import { until } from '../fixtures/world.ts';

/** One of our jobs that runs for a while, and its runner. */
async function startLongJob(world: World): Promise<{ id: number; runner: Runner }> {
  const id = queue(world, { jobs: [build('long', 900)] });
  const busy = () => world.github.runners().find(({ jobId, status }) => jobId === id && status === 'busy');
  await until('one of our runners is busy', () => busy() !== undefined);
  const marked = () => records(world).some(({ reason }) => reason === 'marked');
  await until('its own job has marked it', marked);
  await world.github.settled();
  const runner = busy();
  if (runner === undefined) throw new Error('the job is over already');
  return { id, runner };
}

const tagsOf = ({ aws }: World) => aws.tasks().map(({ task }) => task.tags);

describe.concurrent('a stranger whose runner has the name of one of our runners', {
  timeout: 600_000,
}, () => {
  it('should change nothing with fifty deliveries: no mark, no doubt, no read, no call at all', () =>
    inWorldOf({}, async (world) => {
      const { id, runner } = await startLongJob(world);
      const tags = tagsOf(world);
      world.github.stranger.install();
      const calls = watchCalls(world);
      const claim = { action: 'in_progress', runnerName: runner.name, runnerId: runner.id + 1 } as const;
      const deliveries = [];
      for (let turn = 0; turn < 50; turn++) deliveries.push(await world.github.strangerDelivers(claim));
      for (const { statusCode, responseBody } of deliveries) {
        expect(statusCode).toBe(200);
        expect(responseBody).toContain('"owner-not-allowed"');
      }
      expect(tagsOf(world)).toEqual(tags);
      expect(isDoubtless(world)).toBe(true);
      // The queue is asked all the time by its own poller; the webhook's processes read the App's parameters once each.
      const made = calls.filter(({ api, operation }) => api !== 'ssm' && operation !== 'ReceiveMessage');
      expect(made).toEqual([]);
      world.github.cancelJob(id);
    }));
});

const WEB_ALONE = 'allow: { repositories: [acme/web] }';

describe.concurrent('a repository of our own owner that is not listed', { timeout: 600_000 }, () => {
  it('should mark none of our tasks with a runner that has its name and another id', () =>
    inWorldWith(WEB_ALONE, {}, async (world) => {
      const { id, runner } = await startLongJob(world);
      const tags = tagsOf(world);
      const genuine = world.github.deliveries().find(({ action }) => action === 'in_progress');
      const payload = JSON.parse(genuine?.payload ?? '');
      const repository = { ...payload.repository, id: 700_000_777, name: 'lab', full_name: 'acme/lab' };
      const taken = { id: 4_711, runner_name: runner.name, runner_id: runner.id + 1 };
      const workflow_job = { ...payload.workflow_job, ...taken };
      const body = JSON.stringify({ ...payload, repository, workflow_job });
      const answer = await world.github.deliver({ body, event: 'workflow_job' });
      expect(answer).toMatchObject({
        status: 200,
        body: expect.stringContaining('"mark-does-not-fit"'),
      });
      expect(tagsOf(world)).toEqual(tags);
      expect(isDoubtless(world)).toBe(true);
      world.github.cancelJob(id);
    }));
});

const TWO_OWNERS = 'allow: { repositories: [acme/*, umbrella/*] }';

describe.concurrent('a limit that GitHub sets to one owner', { timeout: 600_000 }, () => {
  it('should divert that owner’s launches for its time, and no launch of another owner', () =>
    inWorldWith(TWO_OWNERS, { owners: ['umbrella'] }, async (world) => {
      const answerTo = async (repository: string): Promise<string> => {
        const id = queue(world, { repository });
        // One delivery after another is handled by one and the same process.
        await world.github.settled();
        const answer = world.github.deliveries().find(({ jobId }) => jobId === id)?.responseBody;
        return JSON.parse(answer ?? '{}').reason;
      };
      world.faults.next('github-secondary-limit');
      expect(await answerTo('acme/web')).toBe('refused');
      expect(await answerTo('acme/api')).toBe('cooling');
      expect(await answerTo('umbrella/web')).toBe('launched');
      expect(await answerTo('acme/web')).toBe('cooling');
    }));
});
