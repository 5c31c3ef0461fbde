import { RequestError } from '@octokit/request-error';
import { describe, expect, it } from 'vitest';
import { classifyRunTaskError, classifyRunTaskFailure } from '../../functions/aws/ecs/classify.ts';
import { describeError } from '../../functions/core/words/errors.ts';
import { createAppJwt } from '../../functions/github/app-jwt.ts';
import { classifyGitHubError, named } from '../../functions/github/errors.ts';

const NOW_MS = Date.UTC(2026, 10, 23);

const awsError = (name: string, message: string, httpStatusCode: number | undefined = 400, attempts = 1) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode, attempts, requestId: 'r-1' } });

describe('what RunTask’s answer means', () => {
  it.each([
    ['ThrottlingException', 'Rate exceeded', 'throttled'],
    // The disguise: AWS-6.
    ['InvalidParameterException', 'Rate exceeded.', 'throttled'],
    ['ClientException', 'Too many concurrent attempts to create a new revision', 'throttled'],
    [
      'ClientException',
      "You've reached the limit on the number of vCPUs you can run concurrently",
      'vcpu-quota',
    ],
    // copilot-cli#3064: the quota of tasks.
    [
      'ClientException',
      "You've reached the limit on the number of tasks you can run concurrently. For more information, see ...",
      'vcpu-quota',
    ],
    ['LimitExceededException', 'The limit for the resource was exceeded.', 'vcpu-quota'],
    ['ClientException', 'Rate limit exceeded', 'throttled'],
    ['toString', 'a name that every object has', 'invalid-request'],
    // dask-cloudprovider#56, wrapbox#32: EC2's throttle, wrapped by ECS.
    [
      'InvalidParameterException',
      'Error retrieving security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)',
      'throttled',
    ],
    ['ClientException', 'Capacity is unavailable at this time. Please try again later', 'no-capacity'],
    [
      'ClientException',
      'InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses to satisfy the request.',
      'no-address',
    ],
    ['ClientException', 'there are insufficient free addresses in subnet subnet-1', 'no-address'],
    ['ClientException', 'the quota of tasks in the PROVISIONING per cluster has been reached', 'no-capacity'],
    ['AccessDeniedException', 'User is not authorized to perform: ecs:RunTask', 'not-permitted'],
    ['ClusterNotFoundException', 'Cluster not found.', 'not-found'],
    ['InvalidParameterException', 'No Fargate configuration exists for given values', 'invalid-request'],
  ])('should read %s "%s" as %s', (name, message, refusal) => {
    expect(classifyRunTaskError(awsError(name, message))).toMatchObject({ kind: 'refused', refusal });
  });

  it('should read failures[] as a launch that did not happen', () => {
    const reason =
      'Capacity is unavailable at this time. Please try again later or in a different availability zone';
    expect(classifyRunTaskFailure({ reason })).toMatchObject({ kind: 'refused', refusal: 'no-capacity' });
    expect(classifyRunTaskFailure({ reason: 'RESOURCE:CPU' })).toMatchObject({ refusal: 'no-capacity' });
    // On-demand gets no address either: no fallback from Spot (rule 6).
    expect(classifyRunTaskFailure({ reason: 'RESOURCE:ENI' })).toMatchObject({ refusal: 'no-address' });
    expect(classifyRunTaskFailure({ reason: 'AGENT' })).toMatchObject({
      kind: 'refused',
      refusal: 'invalid-request',
    });
    expect(classifyRunTaskFailure(undefined)).toMatchObject({ kind: 'unknown' });
  });

  it('should take a ConflictException for a launch that somebody made', () => {
    expect(classifyRunTaskError(awsError('ConflictException', 'clientToken'))).toEqual({ kind: 'taken' });
  });

  it.each([
    ['a 5xx', awsError('ServerException', 'Service Unavailable', 500)],
    ['a lost answer', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
    ['a time-out', Object.assign(new Error('Request aborted'), { name: 'AbortError' })],
    ['a refusal on the second attempt', awsError('ThrottlingException', 'Rate exceeded', 400, 2)],
    ['nothing at all', undefined],
  ])('should not know whether the task started after %s (rule 5)', (_, error) => {
    expect(classifyRunTaskError(error)).toMatchObject({ kind: 'unknown' });
  });
});

const TOKEN = 'ghs_thetokenofarequest';
function gitHubError(
  status: number,
  headers: Record<string, string> = {},
  message = 'no',
  isAnswered = true,
  path = 'x',
): RequestError {
  const request = {
    method: 'POST',
    url: `https://api.github.com/${path}`,
    headers: { authorization: `token ${TOKEN}` },
  } as const;
  const response = { status, url: request.url, headers, data: {} };
  return new RequestError(message, status, isAnswered ? { request, response } : { request });
}

describe('what GitHub’s answer means', () => {
  it.each([
    [403, { 'retry-after': '60' }, 'You have exceeded a secondary rate limit', 'secondary-limit', 60],
    [429, { 'retry-after': '5' }, 'Too Many Requests', 'secondary-limit', 5],
    [403, {}, 'You have exceeded a secondary rate limit', 'secondary-limit', 60],
    [
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW_MS / 1000 + 90) },
      'API rate limit exceeded',
      'primary-limit',
      90,
    ],
    [
      403,
      { 'x-ratelimit-remaining': '100' },
      'Resource not accessible by integration',
      'not-permitted',
      undefined,
    ],
    [403, { 'x-ratelimit-remaining': '0' }, 'API rate limit exceeded', 'primary-limit', 60],
    // Without headers, as proxies pass it on.
    [403, {}, 'API rate limit exceeded for installation ID 7.', 'primary-limit', 60],
    [429, {}, 'Rate limit exceeded', 'primary-limit', 60],
    [400, {}, 'Rate limit exceeded', 'primary-limit', 60],
    [429, {}, 'Too Many Requests', 'secondary-limit', 60],
    [401, {}, 'Bad credentials', 'not-permitted', undefined],
    [404, {}, 'Not Found', 'not-found', undefined],
    [422, {}, 'Validation Failed', 'invalid-request', undefined],
  ] as const)('should read %i %j "%s" as %s', (status, headers, message, refusal, seconds) => {
    const outcome = classifyGitHubError('create JIT config', gitHubError(status, headers, message), NOW_MS);
    expect(outcome).toMatchObject({ kind: 'refused', refusal });
    expect(outcome.kind === 'refused' && outcome.retryAfterSeconds).toBe(seconds);
  });

  it.each([
    ['a 502', gitHubError(502)],
    // Octokit gives a request that got no answer the status 500.
    ['a lost answer', gitHubError(500, {}, 'fetch failed', false)],
    ['an error of any other kind', new TypeError('boom')],
  ])('should not know whether it happened after %s', (_, error) => {
    expect(classifyGitHubError('create JIT config', error, NOW_MS)).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    [
      '<html>\n<head><title>Unicorn! &middot; GitHub</title></head></html>',
      'an HTML page, titled "Unicorn! &middot; GitHub"',
    ],
    ['<html>\n<body>no title</body></html>', 'an HTML page'],
    ['', 'an answer without a message'],
    ['two\n  lines - https://docs.github.com/rest', 'two lines'],
  ])('should be told in one line where the body is %j', async (body, words) => {
    const told = await named('list runs', () => Promise.reject(gitHubError(422, {}, body))).catch(
      describeError,
    );
    expect(told).toContain(`github list runs: ${words} (status 422)`);
    expect(told).not.toMatch(/\n|<html|https:/);
  });

  it('should be told once, however many calls it came through', async () => {
    const inner = () => named('inner', () => Promise.reject(gitHubError(404, {}, 'Not Found')));
    await expect(named('outer', inner)).rejects.toThrow(/^github inner: Not Found \(status 404\)$/);
  });

  const MINT = 'app/installations/7/access_tokens';
  it.each([
    [401, MINT, 'A JSON web token could not be decoded', 'mint token', 'app-key'],
    [404, MINT, 'Integration not found', 'mint token', 'app-id'],
    [404, 'orgs/acme/installation', 'Integration not found', 'find installation', 'app-id'],
    [404, 'orgs/acme/installation', 'Not Found', 'find installation', 'app-not-installed'],
    [403, MINT, 'This installation has been suspended', 'mint token', 'app-suspended'],
    [404, 'x', 'Not Found', 'create JIT config', 'runner-group'],
    [403, 'x', 'Resource not accessible by integration', 'create JIT config', 'app-permission'],
    [422, 'x', 'Validation Failed', 'create JIT config', undefined],
  ])(
    'should name the operation and what to correct: %i of %s, "%s"',
    (status, path, words, operation, fault) => {
      const error = gitHubError(status, {}, words, true, path);
      const outcome = classifyGitHubError('create JIT config', error, NOW_MS);
      expect(outcome).toMatchObject({
        kind: 'refused',
        detail: `github ${operation}: ${words} (status ${status})`,
      });
      expect('fault' in outcome ? outcome.fault : undefined).toBe(fault);
    },
  );

  it('should take a private key that is none for a refusal, as nothing was sent', async () => {
    const minting = createAppJwt('no key')(7).catch((error: unknown) =>
      classifyGitHubError('create JIT config', error, NOW_MS),
    );
    expect(await minting).toMatchObject({ kind: 'refused', refusal: 'not-permitted', fault: 'app-key' });
  });

  it('should be told once by an error that repeats its cause, with the causes that say more', () => {
    const cause = new Error('Not\n Found', { cause: new TypeError('socket hang up') });
    const error = new Error('github list runs: Not Found (status 404)', { cause });
    expect(describeError(error)).toBe(
      'Error: github list runs: Not Found (status 404); caused by TypeError: socket hang up',
    );
    cause.cause = error;
    expect(describeError(error)).toBe('Error: github list runs: Not Found (status 404)');
  });

  it('should name GitHub’s request id and not the token', () => {
    const outcome = classifyGitHubError(
      'create JIT config',
      gitHubError(422, { 'x-github-request-id': 'ABCD:1234' }),
      NOW_MS,
    );
    expect(JSON.stringify(outcome)).toContain('ABCD:1234');
    expect(JSON.stringify(outcome)).not.toContain(TOKEN);
  });
});
