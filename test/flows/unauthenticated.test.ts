import { Logger } from '@aws-lambda-powertools/logger';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ParameterStore } from '../../functions/aws/parameters.ts';
import { handler } from '../../functions/webhook/handler.ts';
import { verifySignature } from '../../functions/webhook/signature.ts';
import { jobPayload, SECRET, signatureOf } from '../fixtures/deliveries.ts';
import { POLICY } from '../fixtures/policy.ts';

const ENVIRONMENT = {
  POWERTOOLS_METRICS_DISABLED: 'true',
  AWS_REGION: 'us-east-1',
  ONESHOT_STACK: 'oneshot-dev',
  ONESHOT_RUNNER_PREFIX: 'oneshot-dev-5e1fc0de',
  ONESHOT_STAGE: 'dev',
  ONESHOT_PARAMETER_PATH: '/oneshot/dev/github',
  ONESHOT_CLUSTER: 'arn:aws:ecs:us-east-1:1:cluster/oneshot-dev',
  ONESHOT_DOUBT_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/doubts.fifo',
  ONESHOT_DEAD_DOUBT_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/dead.fifo',
};
const PARAMETERS = { 'app-id': '7', 'private-key': 'a key', 'webhook-secret': SECRET };

const loud = [vi.spyOn(Logger.prototype, 'error'), vi.spyOn(Logger.prototype, 'critical')];

beforeAll(() => {
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
  vi.stubGlobal('BUNDLED_POLICY', POLICY);
  for (const level of ['info', 'warn'] as const) vi.spyOn(Logger.prototype, level).mockReturnValue(undefined);
  for (const spy of loud) spy.mockReturnValue(undefined);
  const Parameters = Object.entries(PARAMETERS).map(([name, Value]) => ({
    Name: `${ENVIRONMENT.ONESHOT_PARAMETER_PATH}/${name}`,
    Value,
  }));
  vi.spyOn(SSMClient.prototype, 'send').mockImplementation(async () => ({ Parameters }));
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const hexadecimal = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const text = fc.string({ unit: 'binary', maxLength: 200 });
/** None of them signs anything under the secret. */
const signature = fc.oneof(
  hexadecimal(64).map((digest) => `sha256=${digest}`),
  hexadecimal(64).map((digest) => `sha256=${digest.toUpperCase()}`),
  hexadecimal(40).map((digest) => `sha1=${digest}`),
  fc.nat(200).chain((length) => hexadecimal(length).map((digest) => `sha256=${digest}`)),
  fc.string({ minLength: 64, maxLength: 64 }).map((digest) => `sha256=${digest}`),
  fc.constant(`${signatureOf('other')},${signatureOf('other')}`),
  fc.constant('x'.repeat(10_000)),
  fc.constantFrom('', '\0', 'sha256=', undefined),
  text,
);
const job = JSON.stringify(jobPayload());
const body = fc.oneof(
  fc.constantFrom(undefined, '', '\0', ' ', job, Buffer.from(job).toString('base64'), '%%%=', '////'),
  text,
  fc.string({ unit: 'grapheme' }),
  fc.base64String(),
  fc.anything(),
);
const headers = fc
  .tuple(
    signature,
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor')), text),
    fc.record({ 'x-github-event': text, 'x-github-delivery': text }, { requiredKeys: [] }),
  )
  .map(([signed, others, own]) => ({ ...others, ...own, 'x-hub-signature-256': signed }));
const request = fc.record({
  headers: fc.oneof({ weight: 20, arbitrary: headers }, { weight: 1, arbitrary: fc.constant(undefined) }),
  body,
  isBase64Encoded: fc.constantFrom(true, false, undefined),
});

/** Only what the handler reads, and not of the types that API Gateway keeps to. */
const eventOf = (raw: unknown) => raw as APIGatewayProxyEventV2;

describe('a request that nobody signed', () => {
  it('should be answered with 4xx and raise no alarm, whatever it holds', () =>
    fc.assert(
      fc.asyncProperty(request, async (raw) => {
        for (const spy of loud) spy.mockClear();
        const { statusCode } = await handler(eventOf(raw));
        expect(statusCode).toBeGreaterThanOrEqual(400);
        expect(statusCode).toBeLessThan(500);
        for (const spy of loud) expect(spy).not.toHaveBeenCalled();
      }),
      { numRuns: 2_000 },
    ));

  it('should pass for the doctor’s probe only where it has no signature and no body, whatever marks it', async () => {
    const marked = request.map((raw) => ({
      ...raw,
      headers: { ...raw.headers, 'x-oneshot-probe': 'doctor', 'user-agent': 'oneshot-doctor' },
    }));
    const isEmpty = (value: unknown, isBase64Encoded: boolean | undefined) =>
      typeof value !== 'string' || Buffer.from(value, isBase64Encoded ? 'base64' : 'utf8').length === 0;
    await fc.assert(
      fc.asyncProperty(marked, async (raw) => {
        const answer = await handler(eventOf(raw));
        const isBare = !raw.headers['x-hub-signature-256'] && isEmpty(raw.body, raw.isBase64Encoded);
        expect(JSON.parse(String(answer.body)).reason === 'doctor-probe').toBe(isBare);
        expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      }),
      {
        numRuns: 1_000,
        examples: [
          [{ headers: { 'x-oneshot-probe': 'x', 'user-agent': '' }, body: '', isBase64Encoded: false }],
        ] as never,
      },
    );
    const unmarked = await handler(eventOf({ headers: {}, body: '', isBase64Encoded: false }));
    expect(JSON.parse(String(unmarked.body)).reason).toBeUndefined();
  });

  it('should be answered with 401 where the body is empty and the signature has GitHub’s form', async () => {
    const raw = { headers: { 'x-hub-signature-256': signatureOf('') }, body: '', isBase64Encoded: false };
    expect(await handler(eventOf(raw))).toMatchObject({ statusCode: 401 });
  });

  const store = (changes: Partial<ParameterStore> = {}) => {
    const get = vi.fn<ParameterStore['get']>(async () => ({
      ...{ appId: '7', privateKey: 'a key' },
      webhookSecrets: [SECRET],
    }));
    return { get, refresh: async () => false, ...changes };
  };

  it('should be turned away where the secrets cannot be read again', async () => {
    const refresh = () => Promise.reject(new Error('Rate exceeded'));
    expect(await verifySignature(store({ refresh }), job, signatureOf('other'))).toBe(false);
  });

  it('should cost no read of the secrets where it cannot be GitHub’s', async () => {
    const parameters = store();
    expect(await verifySignature(parameters, job, 'sha256=no')).toBe(false);
    expect(await verifySignature(parameters, '', signatureOf(''))).toBe(false);
    expect(parameters.get).not.toHaveBeenCalled();
    expect(await verifySignature(parameters, job, signatureOf(job))).toBe(true);
  });
});
