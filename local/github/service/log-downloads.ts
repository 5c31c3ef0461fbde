import { Hono } from 'hono';
import { jobLog } from '../job-log.ts';
import type { JobStore } from '../job-store.ts';
import type { UrlSigner } from './url-signer.ts';

/** Logs as files, at addresses that are signed. */
export function createLogDownloads(jobs: Pick<JobStore, 'get'>, signer: UrlSigner): Hono {
  const downloads = new Hono();
  downloads.get('/:job', (c) => {
    const { pathname, searchParams } = new URL(c.req.url);
    const problem = signer.problem('GET', pathname, searchParams);
    if (problem !== undefined) return c.text(`The address is ${problem}.\n`, 403);
    const job = jobs.get(Number(c.req.param('job')));
    return job === undefined ? c.notFound() : c.text(`${jobLog(job).join('\n')}\n`);
  });
  return downloads;
}
