/** A call by which a worker speaks of its own job, and the refusals of any other. */
import type { Context } from 'hono';
import * as v from 'valibot';
import type { JobRecord } from '../records.ts';
import type { JobTokens } from './tokens.ts';

export type TokenReader = Pick<JobTokens, 'jobOf' | 'jobOfRepositoryToken'>;

/** Answers in the form of Twirp's errors (twitchtv.github.io/twirp, Errors): the worker reads the status alone. */
export const refuse = (
  c: Context,
  status: 400 | 401 | 403 | 404 | 413,
  code: string,
  msg: string,
): Response => c.json({ code, msg }, status);

/** The job whose message has the caller's token. */
export const callerOf = (tokens: TokenReader, c: Context): JobRecord | undefined =>
  tokens.jobOf(c.req.header('authorization'));

export const unauthenticated = (c: Context): Response =>
  refuse(c, 401, 'unauthenticated', 'The token of a running job is needed.');

/** Whether a call that names a plan and a job names this job's. */
export const isAbout = (job: JobRecord, planId: string, jobId: string): boolean =>
  job.planGuid === planId.toLowerCase() && job.guid === jobId.toLowerCase();

interface OfJob {
  readonly workflow_run_backend_id: string;
  readonly workflow_job_run_backend_id: string;
}

/** A handler of calls that are well formed, made with a job's token, and about that job. */
export const jobCall =
  <T extends OfJob>(
    tokens: TokenReader,
    schema: v.GenericSchema<unknown, T>,
    answer: (job: JobRecord, body: T, c: Context) => Response,
  ) =>
  async (c: Context): Promise<Response> => {
    const job = callerOf(tokens, c);
    if (job === undefined) return unauthenticated(c);
    const body = v.safeParse(schema, await c.req.json().catch(() => undefined));
    if (!body.success) {
      const [issue] = body.issues;
      return refuse(c, 400, 'malformed', `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`);
    }
    const { workflow_run_backend_id: planId, workflow_job_run_backend_id: jobId } = body.output;
    if (!isAbout(job, planId, jobId)) return refuse(c, 404, 'not_found', 'The token is of another job.');
    return answer(job, body.output, c);
  };
