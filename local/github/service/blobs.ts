/**
 * Where a worker's files go: addresses that are signed, and no token. In the form of Azure's storage, which GitHub names
 * to the worker (learn.microsoft.com: Put Blob, Append Block, Append Blob Seal, and their error codes).
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { JobStore } from '../job-store.ts';
import type { JobRecord } from '../records.ts';
import { type JobReport, SUMMARY_BYTES } from './job-report.ts';
import type { UrlSigner } from './url-signer.ts';

export interface BlobOptions {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly signer: UrlSigner;
  readonly reportOf: (job: JobRecord) => JobReport;
}

/** The runner cuts logs into blocks of 2 MB and the line that goes beyond (PagingLogger.cs). */
const BLOCK_BYTES = 16 * 1024 ** 2;

const PROBLEMS: Readonly<Record<string, ContentfulStatusCode>> = {
  MissingRequiredHeader: 400,
  InvalidHeaderValue: 400,
  AuthenticationFailed: 403,
  BlobNotFound: 404,
  BlobAlreadyExists: 409,
  InvalidBlobType: 409,
  BlobIsSealed: 409,
  TooManyBlobs: 409,
  RequestBodyTooLarge: 413,
};

const fail = (c: Context, code: string): Response =>
  c.body(`<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code></Error>`, PROBLEMS[code] ?? 400, {
    'content-type': 'application/xml',
    'x-ms-error-code': code,
  });

export function blobRoutes({ signer, jobs, reportOf }: BlobOptions): Hono {
  const routes = new Hono();
  // Before the body is read: anybody may call.
  routes.use(async (c, next) => {
    const { pathname, searchParams } = new URL(c.req.url);
    const problem = signer.problem(c.req.method, pathname, searchParams);
    return problem === undefined ? next() : fail(c, 'AuthenticationFailed');
  });
  routes.use(bodyLimit({ maxSize: BLOCK_BYTES, onError: (c) => fail(c, 'RequestBodyTooLarge') }));
  routes.put('/:kind/:job/:step', async (c) => {
    const { kind, job, step } = c.req.param();
    const record = jobs.get(Number(job));
    if (record === undefined) return fail(c, 'BlobNotFound');
    const problem = write(reportOf(record), kind, step, await readBlob(c));
    if (problem !== undefined) return fail(c, problem);
    return c.body(null, c.req.query('comp') === 'seal' ? 200 : 201, written());
  });
  return routes;
}

/** What Azure's client reads of an answer. */
const written = (): Record<string, string> => ({
  etag: `"0x${Date.now().toString(16).toUpperCase()}"`,
  'last-modified': new Date().toUTCString(),
  'x-ms-request-id': crypto.randomUUID(),
  'x-ms-version': '2024-08-04',
  'x-ms-request-server-encrypted': 'true',
  'x-ms-blob-append-offset': '0',
  'x-ms-blob-committed-block-count': '1',
});

interface SentBlob {
  /** `x-ms-blob-type`: only of a blob that begins. */
  readonly type: string | undefined;
  /** What is done to one that is there. */
  readonly comp: string | undefined;
  /** Said with the last block by a worker that does not use Azure's client. */
  readonly isLast: boolean;
  /** There must be none yet: `If-None-Match: *`. */
  readonly isNew: boolean;
  readonly text: string;
  readonly bytes: number;
}

async function readBlob(c: Context): Promise<SentBlob> {
  const body = Buffer.from(await c.req.arrayBuffer());
  return {
    type: c.req.header('x-ms-blob-type'),
    comp: c.req.query('comp'),
    isLast: c.req.query('seal') === 'true',
    isNew: c.req.header('if-none-match') === '*',
    text: body.toString('utf8'),
    bytes: body.length,
  };
}

/** The problem with it, if there is one. */
function write(report: JobReport, kind: string, step: string, sent: SentBlob): string | undefined {
  const { type, comp, isLast, isNew, text, bytes } = sent;
  if (kind === 'log' && comp === 'appendblock') return report.appendBlock(step, text, isLast);
  if (kind === 'log' && comp === 'seal') return report.seal(step);
  if (type === undefined) return 'MissingRequiredHeader';
  if (type !== 'BlockBlob' && type !== 'AppendBlob') return 'InvalidHeaderValue';
  if (kind === 'log') return report.createBlob(step, type, text, isNew);
  if (type !== 'BlockBlob') return 'InvalidBlobType';
  // The runner's own logs, where they are asked for, are nothing that a person is shown.
  if (kind !== 'summary') return undefined;
  if (bytes > SUMMARY_BYTES) return 'RequestBodyTooLarge';
  return report.setSummary(step, text) ? undefined : 'TooManyBlobs';
}
