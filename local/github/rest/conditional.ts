/**
 * Conditional requests (docs.github.com, Best practices for using the REST API): each answer to a GET has an ETag, and
 * a caller that sends it back in `If-None-Match` is answered 304 while nothing has changed.
 */
import { createHash } from 'node:crypto';
import { toText } from './answers.ts';
import type { ApiAnswer, ApiRequest } from './context.ts';

/**
 * Of the token too: GitHub does not say whether an ETag outlives the token that it was got with, so this world has
 * the case that is worse for its clients.
 */
const tagOf = (answer: ApiAnswer, authorization: string): string =>
  `"${createHash('sha256').update(authorization).update(toText(answer.body)).digest('hex')}"`;

/** RFC 9110, section 13.1.2: `If-None-Match` is compared weakly, and may name several tags. */
const names = (ifNoneMatch: string, tag: string): boolean =>
  ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);

/** The answer with its ETag, or 304 with nothing but that. */
export function conditional({ operation, headers }: ApiRequest, answer: ApiAnswer): ApiAnswer {
  if (operation.method !== 'GET' || answer.status !== 200) return answer;
  const etag = tagOf(answer, headers.authorization);
  if (names(headers.ifNoneMatch, etag)) return { status: 304, body: null, headers: { etag } };
  return { ...answer, headers: { ...answer.headers, etag } };
}
