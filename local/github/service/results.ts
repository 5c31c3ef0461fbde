/**
 * The results service: what a worker tells of its steps, and where it puts logs and summaries (WIRE-30; actions/runner,
 * WebApi/ResultsHttpClient.cs). Relative to the base that the job's message names.
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { JobRecord } from '../records.ts';
import { type BlobOptions, blobRoutes } from './blobs.ts';
import { jobCall, refuse, type TokenReader } from './job-call.ts';
import { SUMMARY_BYTES, WHOLE_JOB } from './job-report.ts';
import { JOB_CALL, reportedStep, STEP_CALL, STEPS_UPDATE } from './results-requests.ts';

export interface ResultsOptions extends BlobOptions {
  readonly tokens: TokenReader;
  /** The base of this service as the worker calls it, with a slash at its end. */
  readonly url: () => string;
}

/** An update of some hundred steps. */
const CALL_BYTES = 4 * 1024 ** 2;
const AZURE = 'BLOB_STORAGE_TYPE_AZURE';

export function createResults(options: ResultsOptions): Hono {
  const { tokens, reportOf } = options;
  const results = new Hono();
  const tooLarge = (c: Context) => refuse(c, 413, 'resource_exhausted', 'The call is too large.');
  results.use('/twirp/*', bodyLimit({ maxSize: CALL_BYTES, onError: tooLarge }));
  results.post(
    '/twirp/github.actions.results.api.v1.WorkflowStepUpdateService/WorkflowStepsUpdate',
    jobCall(tokens, STEPS_UPDATE, (job, { steps, change_order }, c) => {
      reportOf(job).updateSteps(steps.map(reportedStep), change_order);
      return c.json({ ok: true });
    }),
  );
  results.route('/twirp/results.services.receiver.Receiver', receiver(options));
  results.route('/blobs', blobRoutes(options));
  return results;
}

/** Where to put a file, and the word that it is there. */
function receiver({ tokens, signer, url }: ResultsOptions): Hono {
  const routes = new Hono();
  const signed = (kind: string, job: JobRecord, step: string) => {
    const { href, pathname } = new URL(`blobs/${kind}/${job.id}/${step}`, url());
    return `${href}?${signer.query('PUT', pathname)}`;
  };
  const blob = { blob_storage_type: AZURE };
  const done = (_job: JobRecord, _body: unknown, c: Context) => c.json({ ok: true });
  routes.post(
    '/GetStepLogsSignedBlobURL',
    jobCall(tokens, STEP_CALL, (job, { step_backend_id }, c) =>
      c.json({ logs_url: signed('log', job, step_backend_id), ...blob, soft_size_limit: 0 }),
    ),
  );
  routes.post(
    '/GetJobLogsSignedBlobURL',
    jobCall(tokens, JOB_CALL, (job, _body, c) =>
      c.json({ logs_url: signed('log', job, WHOLE_JOB), ...blob }),
    ),
  );
  routes.post(
    '/GetJobDiagLogsSignedBlobURL',
    jobCall(tokens, JOB_CALL, (job, _body, c) =>
      c.json({ diag_logs_url: signed('diagnostics', job, WHOLE_JOB), ...blob }),
    ),
  );
  routes.post(
    '/GetStepSummarySignedBlobURL',
    jobCall(tokens, STEP_CALL, (job, { step_backend_id }, c) =>
      c.json({
        summary_url: signed('summary', job, step_backend_id),
        soft_size_limit: SUMMARY_BYTES,
        ...blob,
      }),
    ),
  );
  routes.post('/CreateStepLogsMetadata', jobCall(tokens, STEP_CALL, done));
  routes.post('/CreateStepSummaryMetadata', jobCall(tokens, STEP_CALL, done));
  routes.post('/CreateJobLogsMetadata', jobCall(tokens, JOB_CALL, done));
  return routes;
}
