import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLooking } from '../../functions/webhook/looking.ts';
import { type FakeGitHub, startFakeGitHub } from './fake-github.ts';
import { type FakeRepository, job, REPOSITORY, serveRepository } from './fake-repository.ts';

const CLUSTER = 'arn:aws:ecs:eu-central-1:1:cluster/oneshot-dev';
const { signal } = new AbortController();

interface EcsRequest {
  readonly desiredStatus?: 'RUNNING' | 'STOPPED';
  readonly nextToken?: string;
  readonly tasks?: readonly string[];
}

/** An ECS on loopback with this many tasks of each status, in pages of a hundred. */
async function startEcs(counts: { RUNNING: number; STOPPED: number }) {
  const asked: string[] = [];
  const list = ({ desiredStatus = 'RUNNING', nextToken = '0' }: EcsRequest) => {
    const [start, count] = [Number(nextToken), counts[desiredStatus]];
    const ids = Array.from({ length: Math.min(100, count - start) }, (_, index) => start + index);
    const next = start + 100 < count ? { nextToken: `${start + 100}` } : {};
    return { taskArns: ids.map((id) => `${desiredStatus}-${id}`), ...next };
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    asked.push(operation);
    const told = JSON.parse(body) as EcsRequest;
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(operation === 'ListTasks' ? list(told) : { tasks: told.tasks?.map(taskOf) }));
  });
  await listen(server);
  return { server, asked };
}

const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

/** One of our tasks by its number; ECS shows its name as that of who started it. */
const taskOf = (taskArn: string) => ({
  ...{ taskArn, startedBy: `oneshot-dev-1-${taskArn.split('-')[1]}-0`, lastStatus: 'RUNNING' },
  ...{ desiredStatus: 'RUNNING', createdAt: 1_700_000_000, cpu: '1024', memory: '2048' },
  ...{ overrides: { containerOverrides: [] }, containers: [] },
});

let github: FakeGitHub;
let repository: FakeRepository;
beforeEach(async () => {
  github = await startFakeGitHub();
  repository = serveRepository(github);
});
afterEach(() => {
  github.close();
  vi.unstubAllEnvs();
});

function lookingAt(server?: Server) {
  const port = (server?.address() as AddressInfo | undefined)?.port ?? 1;
  vi.stubEnv('AWS_ENDPOINT_URL_ECS', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
  return createLooking({ clusterArn: CLUSTER, runnerPrefix: 'oneshot-dev' }, async () => github.app);
}

async function inEcs<T>(
  counts: { RUNNING: number; STOPPED: number },
  play: (world: { looking: ReturnType<typeof createLooking>; asked: readonly string[] }) => Promise<T>,
): Promise<T> {
  const { server, asked } = await startEcs(counts);
  try {
    return await play({ looking: lookingAt(server), asked });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe('a delivery’s look at a job', () => {
  it('should be one call, for the job alone', async () => {
    repository.add(1, 'queued', [job(10, 'queued'), job(11, 'queued')]);
    expect(await lookingAt().readJob(REPOSITORY, 11, signal)).toMatchObject({ jobId: 11, status: 'queued' });
    expect(repository.asked()).toEqual(['jobs/11']);
  });

  it('should find none where GitHub shows no such job', async () => {
    expect(await lookingAt().readJob(REPOSITORY, 11, signal)).toBeUndefined();
  });

  it.each([500, 403])('should throw where GitHub answers %i', async (status) => {
    repository.overrides.set('jobs/11', { status, body: { message: 'no' } });
    await expect(lookingAt().readJob(REPOSITORY, 11, signal)).rejects.toThrow('no');
  });

  it('should throw, and find nothing, where its time is over', async () => {
    repository.add(1, 'queued', [job(11, 'queued')]);
    await expect(lookingAt().readJob(REPOSITORY, 11, AbortSignal.abort())).rejects.toThrow();
  });
});

describe('a delivery’s look at what runs', () => {
  it('should be of all tasks, live and stopped, up to five hundred', () =>
    inEcs({ RUNNING: 150, STOPPED: 350 }, async ({ looking, asked }) => {
      const tasks = await looking.listFewTasks(signal);
      expect(tasks).toHaveLength(500);
      expect(tasks?.[0]?.runnerName).toBe('oneshot-dev-1-0-0');
      expect(asked.filter((operation) => operation === 'DescribeTasks')).toHaveLength(5);
    }));

  it.each([
    { RUNNING: 501, STOPPED: 0 },
    { RUNNING: 151, STOPPED: 350 },
  ])('should give up after the lists where there are more: %j', (counts) =>
    inEcs(counts, async ({ looking, asked }) => {
      expect(await looking.listFewTasks(signal)).toBeUndefined();
      expect(asked).not.toContain('DescribeTasks');
    }),
  );

  it('should read no list to its end that is longer', () =>
    inEcs({ RUNNING: 0, STOPPED: 10_000 }, async ({ looking, asked }) => {
      expect(await looking.listFewTasks(signal)).toBeUndefined();
      expect(asked).toHaveLength(1 + 6);
    }));

  it('should throw where its time is over before ECS has answered', async () => {
    const silent = createServer(() => undefined);
    await listen(silent);
    const looking = lookingAt(silent);
    await expect(looking.listFewTasks(AbortSignal.timeout(50))).rejects.toThrow(/ListTasks.*abort/i);
    silent.close();
    silent.closeAllConnections();
  });
});
