/** The run service: a runner takes its job, and keeps and ends it with the token of the job's message (WIRE-21 to -23). */
import { type Context, Hono } from 'hono';
import { LEASE_MS } from '../../../model/github/times.ts';
import type { JobRecord, RunnerRecord } from '../records.ts';
import { bodyOf } from './body.ts';
import { firstFailure, readCompletion } from './completion.ts';
import { runServiceRefusal, unauthorized } from './errors.ts';
import { jobMessage } from './message.ts';
import type { ServiceParts } from './parts.ts';
import { requestIdOf } from './poll.ts';

type Body = Readonly<Record<string, unknown>>;

export function createRunService(parts: ServiceParts): Hono {
  const service = new Hono();
  service.post('/acquirejob', async (c) => {
    const runner = parts.runnerTokens.runnerOf(c.req.header('authorization'));
    return runner === undefined ? unauthorized(c) : acquire(parts, runner, await bodyOf(c), c);
  });
  service.post('/renewjob', (c) => withJob(parts, c, renew));
  service.post('/completejob', (c) => withJob(parts, c, complete));
  return service;
}

function acquire(parts: ServiceParts, runner: RunnerRecord, { jobMessageId }: Body, c: Context): Response {
  const { world, jobTokens, addresses } = parts;
  runner.seenAtMs = world.clock.nowMs();
  const { job } = runner;
  if (job === null || requestIdOf(job) !== jobMessageId)
    return runServiceRefusal(c, 404, 'The request is not this runner’s.');
  if (world.acquire(runner, job.id) === undefined)
    return runServiceRefusal(c, 409, 'The job was acquired before.');
  const message = jobMessage(job, {
    addresses: addresses(),
    accessToken: jobTokens.issue(job),
    repositoryToken: jobTokens.repositoryToken(job),
    speed: world.clock.speed,
  });
  return c.json(message);
}

type HandleJob = (parts: ServiceParts, job: JobRecord, body: Body, c: Context) => Response;

/** Only for the job that the token is of, while it runs. */
async function withJob(parts: ServiceParts, c: Context, handle: HandleJob): Promise<Response> {
  const job = parts.jobTokens.jobOf(c.req.header('authorization'));
  if (job === undefined) return unauthorized(c);
  const body = await bodyOf(c);
  const isOther = parts.world.jobs.all().some(({ guid }) => guid === body['jobId'] && guid !== job.guid);
  if (isOther) return unauthorized(c);
  const isNamed = body['jobId'] === job.guid && body['planId'] === job.planGuid;
  if (!isNamed || !isHeld(parts, job)) return runServiceRefusal(c, 404, 'The job was not found.');
  return handle(parts, job, body, c);
}

/** Its runner has it, and has renewed its lease in time. */
function isHeld({ world }: ServiceParts, { status, seenAtMs }: JobRecord): boolean {
  return status === 'in_progress' && world.clock.nowMs() - seenAtMs <= LEASE_MS;
}

const renew: HandleJob = ({ world }, job, _body, c) => {
  job.seenAtMs = world.clock.nowMs();
  return c.json({ lockedUntil: new Date(job.seenAtMs + LEASE_MS).toISOString() });
};

const complete: HandleJob = ({ world }, job, body, c) => {
  const completion = readCompletion(body);
  if (completion === undefined) return runServiceRefusal(c, 422, 'The completion cannot be read.');
  const { conclusion, outputs, stepResults } = completion;
  Object.assign(job, { outputs, stepResults });
  if (job.assigned !== null) job.assigned.endedAtMs = world.clock.nowMs();
  world.finish(job, conclusion, firstFailure(completion));
  return c.json({});
};
