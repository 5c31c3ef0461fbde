/** What a job finds beside the core of its runner's service: results, live feed, actions, repositories, ID tokens. */
import { Hono } from 'hono';
import type { Accounts } from '../accounts.ts';
import type { JobStore } from '../job-store.ts';
import type { JobRecord } from '../records.ts';
import { PATHS } from './addresses.ts';
import { LogShelf } from './bounded-log.ts';
import { createFeed } from './feed.ts';
import { createGit } from './git-http.ts';
import { createIdTokens } from './id-tokens.ts';
import type { TokenReader } from './job-call.ts';
import { JobReport } from './job-report.ts';
import { createLaunch } from './launch.ts';
import { createLogDownloads } from './log-downloads.ts';
import type { Repositories } from './repositories.ts';
import { createResults } from './results.ts';
import type { UrlSigner } from './url-signer.ts';

export interface WorkerServicesOptions {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly accounts: Pick<Accounts, 'find'>;
  readonly tokens: TokenReader;
  readonly repositories: Repositories;
  readonly signer: UrlSigner;
  /** A folder with `owner/name` for each action that `uses:` may name. */
  readonly actions: string | undefined;
  /** The server's address, without a slash at its end. */
  readonly url: () => string;
}

const LOGS_PATH = '/_services/logs';

export function createWorkerServices({ repositories, ...options }: WorkerServicesOptions): Hono {
  const { jobs, signer, tokens, url } = options;
  const shelf = new LogShelf();
  const reportOf = (job: JobRecord): JobReport => {
    job.report ??= new JobReport(shelf);
    return job.report;
  };
  const services = new Hono();
  const results = { ...options, reportOf, url: () => `${url()}${PATHS.results}/` };
  services.route(PATHS.results, createResults(results));
  services.route(LOGS_PATH, createLogDownloads(jobs, signer));
  services.route(PATHS.feed, createFeed({ tokens, reportOf }));
  services.route('/', createLaunch(options));
  services.route(PATHS.issuer, createIdTokens({ tokens, url }));
  services.route('/', createGit({ ...options, repositories }));
  return services;
}

/** Where the REST API sends those who ask for a job's log. */
export function jobLogUrl(url: string, { id }: JobRecord, signer: UrlSigner): string {
  const path = `${LOGS_PATH}/${id}`;
  return `${url}${path}?${signer.query('GET', path)}`;
}
