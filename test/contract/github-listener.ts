/** A listener for the contract tests: it speaks with the broker and does only what it is told. */
import { type KeyObject, sign } from 'node:crypto';
import { readJitConfig } from '../../local/runner/jit-config.ts';

export function signJwt(claims: object, key: KeyObject | string, algorithm = 'RS256'): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${encode({ alg: algorithm, typ: 'JWT' })}.${encode(claims)}`;
  return `${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), key).toString('base64url')}`;
}

export interface BrokerAnswer {
  readonly status: number;
  /** What tests take from a session and from a message; empty answers have `null`. */
  readonly body: { readonly sessionId: string; readonly body: { readonly jobId: number } };
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
  #token = '';
  #session = '';

  constructor(encoded: string) {
    this.#encoded = encoded;
  }

  async authenticate(key: KeyObject = readJitConfig(this.#encoded).key): Promise<number> {
    const { clientId, authorizationUrl = '' } = unpack(this.#encoded, '.credentials').data;
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: clientId, sub: clientId, aud: authorizationUrl, iat: now, exp: now + 300 };
    const form = new URLSearchParams({ client_assertion: signJwt(claims, key) });
    const response = await fetch(authorizationUrl, { method: 'POST', body: form });
    const body = (await response.json()) as { access_token?: string };
    this.#token = body.access_token ?? '';
    return response.status;
  }

  async call(method: string, path: string, body?: object, signal?: AbortSignal): Promise<BrokerAnswer> {
    const { serverUrl } = unpack(this.#encoded, '.runner');
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
    const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) };
    const response = await fetch(`${serverUrl}${path}`, signal === undefined ? init : { ...init, signal });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  async connect(): Promise<BrokerAnswer> {
    await this.authenticate();
    const answer = await this.call('POST', 'session', {});
    if (answer.status === 200) this.#session = answer.body.sessionId;
    return answer;
  }

  poll(signal?: AbortSignal): Promise<BrokerAnswer> {
    return this.call('GET', `message?sessionId=${this.#session}`, undefined, signal);
  }

  post(path: string, jobId: number, more: object = {}): Promise<BrokerAnswer> {
    return this.call('POST', path, { jobId, ...more });
  }

  leave(): Promise<BrokerAnswer> {
    return this.call('DELETE', `session?sessionId=${this.#session}`);
  }

  /** Polls for a job and takes it. */
  async take(): Promise<number> {
    const { body } = await this.poll();
    const { jobId } = body.body;
    await this.post('acknowledge', jobId);
    await this.post('acquirejob', jobId);
    return jobId;
  }
}
