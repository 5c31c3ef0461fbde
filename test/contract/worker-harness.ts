/** A job that runs, with what its worker knows of it from the job's message. */
import type { JobRecord } from '../../local/github/records.ts';
import { addressesOf, type ServiceAddresses } from '../../local/github/service/addresses.ts';
import type { JobDefinition } from '../../local/github/service/definition.ts';
import { type Harness, job } from './github-harness.ts';

export interface Worker {
  readonly record: JobRecord;
  /** `AccessToken` of the message. */
  readonly token: string;
  /** `github.token`. */
  readonly repositoryToken: string;
  readonly addresses: ServiceAddresses;
  /** `planId` and `jobId` as the results service wants them. */
  readonly ids: { workflow_run_backend_id: string; workflow_job_run_backend_id: string };
  /** Posts JSON with the job's token. */
  post(url: string, body: unknown, token?: string): Promise<Response>;
}

interface Asked {
  readonly repository?: string;
  readonly environment?: string;
  readonly definition?: Partial<JobDefinition>;
}

/** Queues a job and starts it at once. */
export function startWorker({ github }: Harness, asked: Asked = {}): Worker {
  const { repository = 'acme/shop', definition, environment } = asked;
  const whole = definition && { key: 'build', steps: [], ...definition };
  const request = { ...job('build', 'fargate'), ...(whole && { definition: whole }) };
  const [id = 0] = github.queueRun({
    repository,
    jobs: [{ ...request, ...(environment !== undefined && { environment }) }],
  });
  const record = github.actions.jobs.get(id);
  if (record === undefined) throw new Error('no job');
  if (environment !== undefined) github.approveJob(id);
  github.actions.startHosted(record, 1);
  const token = github.tokens.issue(record);
  const post = (url: string, body: unknown, bearer = token) =>
    fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return {
    record,
    token,
    repositoryToken: github.tokens.repositoryToken(record),
    addresses: addressesOf(github.url, 'tenant'),
    ids: { workflow_run_backend_id: record.planGuid, workflow_job_run_backend_id: record.guid },
    post,
  };
}

export const guid = (digit: number): string => `${digit}0000000-0000-4000-8000-000000000000`;
