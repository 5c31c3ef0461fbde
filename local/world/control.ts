import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import type { Policy } from '../../functions/core/job/policy.ts';
import { FAULTS, WORLD_FAULTS } from '../../model/faults.ts';
import { isFault } from './faults.ts';
import { labelChoices } from './label-choices.ts';
import { withRealSteps } from './real-steps.ts';
import { PARAMETER_PATH, RUNNER_LOG_GROUP, RUNNER_PREFIX, STACK, type World } from './start-world.ts';

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

const describeDeployment = ({ aws, github, webhookUrl, clock }: World) => ({
  stack: STACK,
  runnerPrefix: RUNNER_PREFIX,
  region: aws.region,
  parameterPath: PARAMETER_PATH,
  clusterArn: aws.clusterArn,
  doubtQueueUrl: aws.queues.doubts.url,
  deadDoubtQueueUrl: aws.queues.deadLetters.url,
  webhookUrl,
  githubApiUrl: github.url,
  awsUrl: aws.url,
  runnerLogGroup: RUNNER_LOG_GROUP,
  credentials: aws.deployerCredentials,
  clock: { nowMs: clock.nowMs() },
});

const RATE = v.object({ rate: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) });

/** What a person may ask of the world; each fault with how often it has struck. */
const describeChoices = ({ installation, faults, policy, aws }: World) => ({
  repositories: installation.repositories.map(({ name }) => `${installation.owner.login}/${name}`),
  labels: [...labelChoices(policy), ...dockerChoices(aws, policy)].map((labels) => labels.join(', ')),
  faults: WORLD_FAULTS.map((name) => ({
    name,
    what: FAULTS[name].what,
    rate: faults.rateOf(name),
    struck: faults.struck.get(name) ?? 0,
  })),
});

const dockerChoices = ({ dockerTaskDefinitionArns }: World['aws'], { labelPrefix }: Policy): string[][] =>
  dockerTaskDefinitionArns.x64 === undefined ? [] : [[`${labelPrefix}/docker`]];

/**
 * What a person does in the world by hand, while it stays up: `POST /jobs` queues a run, `GET /jobs` lists, `POST
 * /jobs/ID/cancel` cancels, `PUT /faults/NAME` sets a rate, `GET /choices` says what there is.
 */
export async function startControl(world: World): Promise<{ readonly url: string; close(): void }> {
  const app = new Hono();
  // For programs on this machine; a page of another site may make its reader's browser ask, but is told nothing.
  app.use(async (context, next) => {
    const isProgram = context.req.header('origin') === undefined && isLoopback(context.req.header('host'));
    return isProgram ? next() : context.json({ problems: ['for programs on this machine only'] }, 403);
  });
  // For `oneshot --local`. The keys belong to this world and open only it.
  app.get('/deployment', (context) => context.json(describeDeployment(world)));
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
      const jobs = world.runner ? run.output.jobs.map(withRealSteps) : run.output.jobs;
      return context.json({ jobs: world.github.queueRun({ ...run.output, jobs }) }, 201);
    } catch (error) {
      return context.json({ problems: [error instanceof Error ? error.message : String(error)] }, 400);
    }
  });
  app.post('/jobs/:id/cancel', (context) =>
    attempt(context, () => world.github.cancelJob(Number(context.req.param('id')))),
  );
  app.get('/choices', (context) => context.json(describeChoices(world)));
  app.put('/faults/:name', async (context) => {
    const name = context.req.param('name');
    const asked = v.safeParse(RATE, await context.req.json().catch(() => undefined));
    return attempt(context, () => {
      if (!isFault(name)) throw new Error(`there is no fault ${name}`);
      if (!asked.success) throw new Error('rate must be from 0 to 1');
      world.faults.setRate(name, asked.output.rate);
    });
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

const isLoopback = (host = ''): boolean => /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);

function attempt(context: Context, act: () => void) {
  try {
    act();
    return context.json({});
  } catch (error) {
    return context.json({ problems: [error instanceof Error ? error.message : String(error)] }, 400);
  }
}
