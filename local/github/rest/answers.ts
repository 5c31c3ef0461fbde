/** Answers as they leave: refusals, the check against GitHub's description, the headers of every answer. */
import { ApiError } from '../api-error.ts';
import type { GitHubDescription, OperationDescription } from '../openapi.ts';
import type { ApiAnswer, RestContext } from './context.ts';

export const refusal = (error: ApiError): ApiAnswer => ({
  status: error.status,
  body: error.body('https://docs.github.com/rest'),
  headers: error.headers,
});

/** rawJSON (ECMAScript, Node 21 and later) writes numbers that JavaScript's cannot hold. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** An answer's body as it leaves. */
export const toText = (body: unknown): string =>
  JSON.stringify(body, (_key, value) => (typeof value === 'bigint' ? rawJSON(`${value}`) : value));

/** An answer that GitHub's description does not allow is our bug and says so. */
export function checked(
  description: GitHubDescription,
  operation: OperationDescription,
  answer: ApiAnswer,
): ApiAnswer {
  if (answer.status >= 500 || answer.isMalformed) return answer;
  const body: unknown = answer.body === null ? null : JSON.parse(toText(answer.body));
  const problem = description.responseProblem(operation, answer.status, body);
  if (problem === null) return answer;
  return refusal(
    new ApiError(500, `The embedded GitHub's answer to ${operation.id} is not GitHub's: ${problem}`),
  );
}

export function respond({ ids, clock }: RestContext, answer: ApiAnswer): Response {
  const id = ids.hex(28).toUpperCase();
  const headers = {
    ...answer.headers,
    date: new Date(clock.nowMs()).toUTCString(),
    server: 'github.com',
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': `${id.slice(0, 4)}:${id.slice(4, 10)}:${id.slice(10, 16)}:${id.slice(16, 22)}:${id.slice(22)}`,
  };
  if (answer.body === null) return new Response(null, { status: answer.status, headers });
  const json = { ...headers, 'content-type': 'application/json; charset=utf-8' };
  return new Response(toText(answer.body), { status: answer.status, headers: json });
}
