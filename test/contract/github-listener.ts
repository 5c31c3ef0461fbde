/** A listener for the contract tests: it speaks with the services of a runner and does only what it is told. */
import { type KeyObject, sign } from 'node:crypto';
import type { JobMessage } from '../../local/github/service/message.ts';
import { readJitConfig } from '../../local/runner/jit-config.ts';

export function signJwt(claims: object, key: KeyObject | string, algorithm = 'RS256'): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${encode({ alg: algorithm, typ: 'JWT' })}.${encode(claims)}`;
  return `${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), key).toString('base64url')}`;
}

export interface ServiceAnswer {
  readonly status: number;
  /** What tests take from a session, from a message and from a job's message; empty answers have `null`. */
  readonly body: {
    readonly sessionId: string;
    readonly messageType: string;
    readonly body: string;
  } & JobMessage;
}

/** The body of a `RunnerJobRequest`. */
interface Offer {
  readonly runner_request_id: string;
  readonly run_service_url: string;
  readonly billing_owner_id: string;
}

interface Call {
  readonly body?: object;
  readonly signal?: AbortSignal;
  /** Another than the runner's own. */
  readonly token?: string;
  readonly base?: string;
}

/** The files of a JIT config. */
export function unpack(
  encoded: string,
  file: string,
): Record<string, string> & { data: Record<string, string> } {
  const files: Record<string, string> = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  return JSON.parse(Buffer.from(files[file] ?? '', 'base64').toString('utf8'));
}

/** A listener that does only what it is told. */
export class MiniListener {
  readonly #encoded: string;
  token = '';
  #session = '';
  /** The job that it was offered, and the message of the one that it took. */
  offer: Offer | undefined;
  job: JobMessage | undefined;

  constructor(encoded: string) {
    this.#encoded = encoded;
  }

  async authenticate(
    key: KeyObject = readJitConfig(this.#encoded).key,
    claims: object = {},
    form: object = {},
  ): Promise<number> {
    const { clientId, authorizationUrl = '' } = unpack(this.#encoded, '.credentials').data;
    const now = Math.floor(Date.now() / 1000);
    const all = { iss: clientId, sub: clientId, aud: authorizationUrl, nbf: now, exp: now + 300, ...claims };
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signJwt(all, key),
      ...form,
    });
    const response = await fetch(authorizationUrl, { method: 'POST', body });
    const { access_token: token = '' } = (await response.json()) as { access_token?: string };
    this.token = token;
    return response.status;
  }

  async call(method: string, path: string, { body, signal, token, base }: Call = {}): Promise<ServiceAnswer> {
    const { serverUrlV2 = '' } = unpack(this.#encoded, '.runner');
    const headers = {
      authorization: `Bearer ${token ?? this.token}`,
      'content-type': 'application/json',
    };
    const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) };
    const response = await fetch(new URL(path, base ?? serverUrlV2), {
      ...init,
      ...(signal && { signal }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  async connect(): Promise<ServiceAnswer> {
    await this.authenticate();
    const answer = await this.call('POST', 'session', { body: {} });
    if (answer.status === 200) this.#session = answer.body.sessionId;
    return answer;
  }

  async poll(status: 'Online' | 'Busy' = 'Online', signal?: AbortSignal): Promise<ServiceAnswer> {
    const path = `message?sessionId=${this.#session}&status=${status}&runnerVersion=2.336.0`;
    const answer = await this.call('GET', path, signal && { signal });
    if (answer.body?.messageType === 'RunnerJobRequest') this.offer = JSON.parse(answer.body.body);
    return answer;
  }

  acknowledge(runnerRequestId = this.offer?.runner_request_id): Promise<ServiceAnswer> {
    return this.call('POST', 'acknowledge', { body: { runnerRequestId } });
  }

  async acquire(jobMessageId = this.offer?.runner_request_id, more: Call = {}): Promise<ServiceAnswer> {
    const base = this.offer?.run_service_url ?? new URL('/run/', readJitConfig(this.#encoded).serverUrl).href;
    const answer = await this.call('POST', 'acquirejob', {
      base,
      body: { jobMessageId, runnerOS: 'Linux' },
      ...more,
    });
    if (answer.status === 200) this.job = answer.body;
    return answer;
  }

  renew(more: object = {}): Promise<ServiceAnswer> {
    return this.#ofJob('renewjob', more);
  }

  complete(conclusion: string, more: object = {}): Promise<ServiceAnswer> {
    return this.#ofJob('completejob', { conclusion, ...more });
  }

  /** With the token of the job, at its own address. */
  #ofJob(path: string, more: object): Promise<ServiceAnswer> {
    if (this.job === undefined) throw new Error('it has no job');
    const { plan, jobId, resources } = this.job;
    const [{ url, authorization }] = resources.endpoints;
    const body = { planId: plan.planId, jobId, ...more };
    return this.call('POST', path, { base: url, token: authorization.parameters.AccessToken, body });
  }

  leave(): Promise<ServiceAnswer> {
    return this.call('DELETE', 'session');
  }

  /** Polls for a job and takes it; answers its `jobId`. */
  async take(): Promise<string> {
    await this.poll();
    await this.acknowledge();
    await this.acquire();
    if (this.job === undefined) throw new Error('there was no job to take');
    return this.job.jobId;
  }
}
