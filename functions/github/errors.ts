import { RequestError } from '@octokit/request-error';
import { ServiceError, type ServiceErrorFacts } from '../core/words/errors.ts';
import type { Refusal, Unknown } from '../core/words/outcomes.ts';
import { faultOf, operationOf, UnreadableKeyError } from './faults.ts';

/**
 * What a failed write to GitHub means. A 5xx or a lost answer says nothing about whether it happened.
 * Source of the limits' marks: docs.github.com, Rate limits for the REST API, "Exceeding the rate limit".
 */
export function classifyGitHubError(operation: string, error: unknown, nowMs: number): Refusal | Unknown {
  // GitHub's own words, with its request id; never the request, which may carry a token.
  const { message: detail, facts } = toServiceError(operation, error);
  const fault = facts.fault && { fault: facts.fault };
  // Nothing was sent: this is as firm as an answer.
  if (error instanceof UnreadableKeyError)
    return { kind: 'refused', refusal: 'not-permitted', detail, ...fault };
  if (!isAnswered(error)) return { kind: 'unknown', detail };
  const limit = limitOf(error, nowMs);
  if (limit !== undefined) return { kind: 'refused', detail, ...limit };
  const { status } = error;
  const refuse = (refusal: Refusal['refusal']): Refusal => ({ kind: 'refused', refusal, detail, ...fault });
  if (status === 401 || status === 403) return refuse('not-permitted');
  return refuse(status === 404 ? 'not-found' : 'invalid-request');
}

interface Limit {
  readonly refusal: 'primary-limit' | 'secondary-limit';
  readonly retryAfterSeconds: number;
}

/** Without a header, wait for at least one minute (docs.github.com, as above). */
const UNTOLD_SECONDS = 60;

/** Which of GitHub's limits refused a call; `undefined` where none did. The words stand where proxies drop the headers. */
function limitOf({ status, message, response }: RequestError, nowMs: number): Limit | undefined {
  const headers = response?.headers ?? {};
  const mayLimit = status === 403 || status === 429;
  const retryAfterSeconds = Number(headers['retry-after']);
  if (mayLimit && retryAfterSeconds > 0) return { refusal: 'secondary-limit', retryAfterSeconds };
  if (mayLimit && headers['x-ratelimit-remaining'] === '0')
    return { refusal: 'primary-limit', retryAfterSeconds: untilReset(headers['x-ratelimit-reset'], nowMs) };
  const untold = { retryAfterSeconds: UNTOLD_SECONDS } as const;
  if (/secondary rate limit/i.test(message)) return { refusal: 'secondary-limit', ...untold };
  if (/rate limit exceeded/i.test(message)) return { refusal: 'primary-limit', ...untold };
  return status === 429 ? { refusal: 'secondary-limit', ...untold } : undefined;
}

function untilReset(resetSeconds: unknown, nowMs: number): number {
  const seconds = Math.ceil(Number(resetSeconds) - nowMs / 1000);
  return Number.isNaN(seconds) ? UNTOLD_SECONDS : Math.max(1, seconds);
}

/** An answer below 500. Octokit gives status 500 to a request that got no answer at all. */
const isAnswered = (error: unknown): error is RequestError =>
  error instanceof RequestError && error.status < 500;

export const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof RequestError && error.status === status;

/** Tells a call's failure as a ServiceError that names what was refused: the operation, or the token for it. */
function toServiceError(asked: string, error: unknown): ServiceError {
  // One that is told already stands.
  if (error instanceof ServiceError) return error;
  const operation = operationOf(error, asked);
  const fault = faultOf(error, operation);
  const message = oneLine(error instanceof Error ? error.message : String(error));
  if (!(error instanceof RequestError))
    return new ServiceError({ service, operation, ...(fault && { fault }) }, message, { cause: error });
  // A log of the error holds the cause's message too: that message must not be a page of HTML either.
  error.message = message;
  if (error.response === undefined)
    return new ServiceError({ service, operation }, message, { cause: error });
  const facts = { ...factsOf(operation, error.status, error.response.headers), ...(fault && { fault }) };
  return new ServiceError(facts, message, { cause: error });
}

const service = 'github';

/** An answer that says that all is well, with a body that is not of the documented form. */
export function malformedAnswer(response: NonNullable<RequestError['response']>): RequestError {
  const request = { method: 'GET', url: response.url ?? '', headers: {} } as const;
  return new RequestError('the answer is not of the documented form', response.status, { request, response });
}

function factsOf(operation: string, status: number, headers: ResponseHeaders): ServiceErrorFacts {
  const requestId = headers['x-github-request-id'];
  return { service, operation, status, ...(requestId !== undefined && { requestId: String(requestId) }) };
}

type ResponseHeaders = Readonly<Record<string, string | number | undefined>>;

const MOST_CHARACTERS = 300;

/** GitHub's words without the link to its docs. A proxy, or GitHub's own edge, answers with a page of HTML or nothing. */
function oneLine(text: string): string {
  const words = (text.split(' - https://docs')[0] ?? '').replace(/\s+/g, ' ').trim();
  if (words === '' || words === 'Unknown error: ""') return 'an answer without a message';
  if (!words.startsWith('<')) return words.slice(0, MOST_CHARACTERS);
  const title = /<title[^>]*>([^<]*)</i.exec(words)?.[1]?.trim().slice(0, MOST_CHARACTERS);
  return title ? `an HTML page, titled "${title}"` : 'an HTML page';
}

/** Runs a call, turning what Octokit throws into a ServiceError that names the operation. */
export async function named<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toServiceError(operation, error);
  }
}
