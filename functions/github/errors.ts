import { RequestError } from '@octokit/request-error';
import { ServiceError } from '../core/errors.ts';
import type { Refusal, Unknown } from '../core/outcomes.ts';

/**
 * What a failed write to GitHub means. A 5xx or a lost answer says nothing about whether it happened.
 * Source of the limits' marks: docs.github.com, Rate limits for the REST API, "Exceeding the rate limit".
 */
export function classifyGitHubError(error: unknown, nowMs: number): Refusal | Unknown {
  if (!isAnswered(error)) return { kind: 'unknown', detail: describe(error) };
  const { status } = error;
  const headers = error.response?.headers ?? {};
  const refuse = (refusal: Refusal['refusal'], retryAfterSeconds?: number): Refusal => ({
    kind: 'refused',
    refusal,
    detail: describe(error),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
  if (status === 403 || status === 429) {
    const retryAfter = Number(headers['retry-after']);
    if (retryAfter > 0) return refuse('secondary-limit', retryAfter);
    if (headers['x-ratelimit-remaining'] === '0')
      return refuse(
        'primary-limit',
        Math.max(1, Math.ceil(Number(headers['x-ratelimit-reset']) - nowMs / 1000)),
      );
    // Without a header, wait for at least one minute (docs.github.com, as above).
    return status === 429 || /secondary rate limit/i.test(error.message)
      ? refuse('secondary-limit', 60)
      : refuse('not-permitted');
  }
  if (status === 401) return refuse('not-permitted');
  return refuse(status === 404 ? 'not-found' : 'rejected');
}

/** An answer below 500. Octokit gives status 500 to a request that got no answer at all. */
const isAnswered = (error: unknown): error is RequestError =>
  error instanceof RequestError && error.status < 500;

export const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof RequestError && error.status === status;

/** GitHub's own words, with its request id; never the request, which may carry a token. */
function describe(error: unknown): string {
  return toServiceError('request', error).message;
}

function toServiceError(operation: string, error: unknown): ServiceError {
  const message = (error instanceof Error ? error.message : String(error)).split(' - https://docs')[0] ?? '';
  if (!(error instanceof RequestError) || error.response === undefined)
    return new ServiceError({ service: 'github', operation }, message, { cause: error });
  const requestId = error.response.headers['x-github-request-id'];
  const facts = { service: 'github', operation, status: error.status } as const;
  return new ServiceError(requestId ? { ...facts, requestId } : facts, message, { cause: error });
}

/** Runs a call, turning what Octokit throws into a ServiceError that names the operation. */
export async function named<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toServiceError(operation, error);
  }
}
