import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../local/task/services.ts';
import { startTask } from '../../local/task/task.ts';

const job = { jobAfterSeconds: 0, jobSeconds: 0 };
const throttled: Answer = { status: 400, body: { __type: 'ThrottlingException', message: 'Rate exceeded' } };

/** Failures after which another try is worth it: each is given once, then the good answer. */
const PASSING: readonly [string, 'kms' | 'credentials', readonly Answer[]][] = [
  ['KMS that answers 500', 'kms', [{ status: 500 }, { status: 503, body: 'upstream' }]],
  ['KMS that throttles', 'kms', [throttled, { status: 429 }]],
  ['KMS that hangs up', 'kms', [{ cut: 'before' }]],
  ['KMS that hangs up in the middle', 'kms', [{ cut: 'within', body: { Plaintext: 'H4sI'.repeat(500) } }]],
  ['an answer that is not JSON', 'kms', [{ body: '<html>captive portal</html>' }]],
  ['an empty answer', 'kms', [{ body: '' }]],
  ['an answer without a plaintext', 'kms', [{ body: { KeyId: 'x' } }]],
  ['a plaintext that is not base64', 'kms', [{ body: { Plaintext: '%%%' } }]],
  ['a plaintext that is truncated', 'kms', [{ body: { Plaintext: 'H4sIAAAAAAAAA6tWKkktLlGyUlAqSy0q' } }]],
  ['a plaintext that is not deflated', 'kms', [{ body: { Plaintext: 'aGVsbG8=' } }]],
  ['a plaintext that is a number', 'kms', [{ body: { Plaintext: 12 } }]],
  ['a plaintext that is an object', 'kms', [{ body: { Plaintext: { a: ['b'] } } }]],
  ['an answer of megabytes', 'kms', [{ body: `{"Plaintext":"${'A'.repeat(3_000_000)}"}` }]],
  ['an answer of bytes', 'kms', [{ body: '\0\u0001{"Plaintext":"\0\u001b"}\uFFFF\n200' }]],
  ['credentials of megabytes', 'credentials', [{ body: 'x'.repeat(3_000_000) }]],
  ['a credentials endpoint that is down', 'credentials', [{ cut: 'before' }, { status: 500 }]],
  ['credentials that are no JSON', 'credentials', [{ body: 'no' }]],
  ['credentials without a token', 'credentials', [{ body: { AccessKeyId: 'A', SecretAccessKey: 'B' } }]],
];

/** Refusals that stay. */
const LASTING: readonly [string, 'kms' | 'credentials', Answer, string][] = [
  [
    'AccessDenied',
    'kms',
    { status: 400, body: { __type: 'AccessDeniedException' } },
    'AccessDeniedException',
  ],
  [
    'a wrong context',
    'kms',
    { status: 400, body: { __type: 'InvalidCiphertextException' } },
    'InvalidCiphertextException',
  ],
  ['a redirect', 'kms', { status: 302, body: '<a href="/elsewhere">' }, 'no usable answer'],
  [
    'an error that would be a line of its own',
    'kms',
    { status: 400, body: { __type: `Bad{"x":\n${'y'.repeat(200)}` } },
    'Bad',
  ],
  ['a wrong credentials path', 'credentials', { status: 404, body: 'not found' }, 'no usable answer'],
];

describe.concurrent('unsealing the JIT config', () => {
  it('should sign the call with the task credentials and name stack and runner', async ({
    onTestFinished,
  }) => {
    const task = await startTask({
      listener: job,
      environment: { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'bearer-7', http_proxy: 'http://127.0.0.1:1' },
    });
    onTestFinished(task.cleanUp);
    // KMS may be behind a proxy, the task's own credentials never are.
    await task.reaches('starting');
    while (task.services.requests.credentials.length === 0) await new Promise((r) => setTimeout(r, 20));
    expect(task.services.requests.credentials[0]?.headers['authorization']).toBe('bearer-7');
    expect(task.services.requests.kms).toEqual([]);
  });

  it('should send the exact encryption context, with the session token signed', async ({
    onTestFinished,
  }) => {
    const task = await startTask({ listener: job });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending, task.output()).toBe('ran-succeeded');
    const { kms } = task.services.requests;
    const { secrets } = task.services;
    expect(kms).toHaveLength(1);
    const { authorization = '', ...headers } = kms[0]?.headers ?? {};
    expect(authorization).toMatch(/^AWS4-HMAC-SHA256 /);
    expect(authorization).toContain(`Credential=${secrets.accessKeyId}/`);
    expect(authorization).toContain('/us-east-1/kms/aws4_request');
    const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';');
    expect(signed).toEqual(
      expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token', 'x-amz-target']),
    );
    expect(headers['x-amz-security-token']).toBe(secrets.token);
    expect(headers['x-amz-target']).toBe('TrentService.Decrypt');
    expect(JSON.parse(kms[0]?.body ?? '')).toEqual({
      CiphertextBlob: secrets.sealedConfig,
      EncryptionContext: { stack: 'oneshot-test', runner: task.name },
    });
  });

  it('should hand over exactly what GitHub encoded', async ({ onTestFinished }) => {
    const task = await startTask({ listener: { connectSeconds: 1, ...job } });
    onTestFinished(task.cleanUp);
    await task.reaches('connecting');
    expect(readFileSync(`${task.root}/.env`, 'utf8')).toBe(
      `ACTIONS_RUNNER_INPUT_JITCONFIG=${task.services.secrets.encodedConfig}\n`,
    );
    expect((await task.ended).ending).toBe('ran-succeeded');
  });

  it.for(PASSING)('should survive %s', async ([, service, answers], { onTestFinished }) => {
    const task = await startTask({ listener: job, [service]: answers });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({
      ending: 'ran-succeeded',
      leftover: [],
      files: [],
    });
    expect(task.services.requests[service].length).toBe(answers.length + 1);
  });

  it.for(LASTING)('should give up at once at %s', async ([, service, answer, named], { onTestFinished }) => {
    const task = await startTask({ [service]: [answer] });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 24, leftover: [], files: [] });
    expect(task.services.requests[service]).toHaveLength(1);
    expect(task.output()).toContain(`could not be unsealed: ${named}\n`);
  });

  it('should not read what a .curlrc says', async ({ onTestFinished }) => {
    const task = await startTask({
      listener: job,
      onLaidOut: (root) => writeFileSync(`${root}/../.curlrc`, 'trace-ascii = "curl-trace"\n'),
    });
    onTestFinished(task.cleanUp);
    await task.ended;
    expect(existsSync(`${task.root}/curl-trace`)).toBe(false);
  });
});
