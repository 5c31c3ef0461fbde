import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import * as v from 'valibot';
import { PARAMETER_PATH, RUNNER_LOG_GROUP, STACK, type World } from './start-world.ts';

const RUN = v.object({
  repository: v.pipe(v.string(), v.regex(/^[\w.-]+\/[\w.-]+$/, 'repository must be owner/name')),
  jobs: v.pipe(
    v.array(
      v.object({
        name: v.string(),
        labels: v.pipe(v.array(v.string()), v.minLength(1, 'a job has at least one label')),
        durationSeconds: v.pipe(v.number(), v.minValue(1), v.maxValue(86_400)),
        result: v.optional(v.picklist(['success', 'failure']), 'success'),
      }),
    ),
    v.minLength(1, 'jobs must have at least one'),
    v.maxLength(256, 'a matrix has at most 256 jobs'),
  ),
});

const describeInstallation = ({ aws, github, webhookUrl, clock }: World) => ({
  ...{ stack: STACK, region: aws.region, parameterPath: PARAMETER_PATH, clusterArn: aws.clusterArn },
  ...{ doubtQueueUrl: aws.queues.doubts.url, deadDoubtQueueUrl: aws.queues.deadLetters.url, webhookUrl },
  ...{ githubApiUrl: github.url, awsUrl: aws.url, runnerLogGroup: RUNNER_LOG_GROUP },
  credentials: aws.operatorCredentials,
  clock: { epochMs: clock.epochMs, speed: clock.speed },
});

/** What a person does in the world by hand, while it stays up: `POST /jobs` queues a run, `GET /jobs` lists. */
export async function startControl(world: World): Promise<{ readonly url: string; close(): void }> {
  const app = new Hono();
  // For `oneshot --local`. The keys are the world's own, and open nothing else.
  app.get('/installation', (context) => context.json(describeInstallation(world)));
  app.get('/jobs', (context) => context.json(world.github.jobs()));
  app.post('/jobs', async (context) => {
    const body = await context.req.json().catch(() => undefined);
    const run = v.safeParse(RUN, body);
    if (!run.success)
      return context.json(
        { problems: run.issues.map((issue) => `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`) },
        400,
      );
    try {
      return context.json({ jobs: world.github.queueRun(run.output) }, 201);
    } catch (error) {
      return context.json({ problems: [error instanceof Error ? error.message : String(error)] }, 400);
    }
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  };
}
