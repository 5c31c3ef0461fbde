import { request } from 'node:http';
import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from 'vitest';
import { openWorld, type TestWorld } from './aws-harness.ts';

interface Settings {
  readonly credentials?: object;
  readonly region?: string;
  /** How far the caller's clock is from the real one. */
  readonly systemClockOffset?: number;
}

function clientOf({ aws }: TestWorld, { credentials = {}, ...settings }: Settings = {}): ECSClient {
  const keys = { ...aws.credentials, ...credentials };
  return new ECSClient({
    endpoint: aws.url,
    region: aws.region,
    maxAttempts: 1,
    ...settings,
    credentials: keys,
  });
}

const list = (world: TestWorld, settings?: Settings) =>
  clientOf(world, settings).send(new ListTasksCommand({ cluster: world.aws.clusterArn }));

interface RawRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface CaughtRequest extends Omit<RawRequest, 'body'> {
  readonly body: Uint8Array;
}

/** What the SDK sends, caught so that it can be tampered with and sent again. */
async function signedRequest(world: TestWorld): Promise<RawRequest> {
  const client = clientOf(world);
  let caught: CaughtRequest | undefined;
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = (outgoing, options) => {
    caught = outgoing as CaughtRequest;
    return handle(outgoing, options);
  };
  await client.send(new ListTasksCommand({ cluster: world.aws.clusterArn }));
  if (!caught) throw new Error('the SDK has sent nothing');
  return { headers: { ...caught.headers }, body: new TextDecoder().decode(caught.body) };
}

interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly __type?: string; readonly message?: string };
}

function post({ aws }: TestWorld, { headers, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(aws.url, { method: 'POST', headers }, async (incoming) => {
      let text = '';
      for await (const chunk of incoming) text += chunk;
      resolve({ status: incoming.statusCode, headers: incoming.headers, body: JSON.parse(text) });
    });
    outgoing.on('error', reject).end(body);
  });
}

const withHeader = ({ headers, body }: RawRequest, name: string, value: string) => ({
  headers: { ...headers, [name]: value },
  body,
});

describe('a signature', () => {
  it.each<[string, object, string]>([
    ['an unknown key', { accessKeyId: 'AKIAUNKNOWN' }, 'UnrecognizedClientException'],
    ['another secret', { secretAccessKey: 'guessed' }, 'InvalidSignatureException'],
    ['no session token', { sessionToken: undefined }, 'UnrecognizedClientException'],
    ['another session token', { sessionToken: 'guessed' }, 'UnrecognizedClientException'],
  ])('with %s is refused', async (_name, credentials, name) => {
    const world = await openWorld();
    await expect(list(world, { credentials })).rejects.toMatchObject({ name });
  });

  it('for another region is refused', async () => {
    const world = await openWorld();
    await expect(list(world, { region: 'eu-west-1' })).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringContaining('valid region'),
    });
  });

  it.each<[string, (raw: RawRequest) => RawRequest, string]>([
    [
      'another body',
      ({ headers }) => ({ headers: { ...headers, 'content-length': '2' }, body: '{}' }),
      'match',
    ],
    [
      'another operation',
      (raw) => withHeader(raw, 'x-amz-target', 'AmazonEC2ContainerServiceV20141113.DescribeTasks'),
      'match',
    ],
    ['a header of AWS besides', (raw) => withHeader(raw, 'x-amz-extra', '1'), "'x-amz-extra' must be"],
  ])('does not hold for %s', async (_name, tamper, message) => {
    const world = await openWorld();
    const raw = await signedRequest(world);
    expect(await post(world, raw)).toMatchObject({ status: 200 });
    expect(await post(world, tamper(raw))).toMatchObject({
      status: 400,
      body: { __type: 'InvalidSignatureException', message: expect.stringContaining(message) },
    });
  });

  it('does not hold for a body other than its header tells', async () => {
    const { aws } = await openWorld();
    const signer = new SignatureV4({
      ...{ credentials: aws.credentials, region: aws.region, service: 'ecs' },
      sha256: Hash.bind(null, 'sha256'),
    });
    const { host } = new URL(aws.url);
    const type = 'application/x-amz-json-1.1';
    const { headers } = await signer.sign({
      ...{ method: 'POST', protocol: 'http:', hostname: host, path: '/', body: '{}' },
      headers: { host, 'content-type': type, 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListTasks' },
    });
    expect(headers).toHaveProperty('x-amz-content-sha256');
    const send = async (body: string) => (await fetch(aws.url, { method: 'POST', headers, body })).json();
    expect(await send('{}')).not.toHaveProperty('message', expect.stringContaining('signature'));
    expect(await send('{"x":1}')).toMatchObject({ __type: 'InvalidSignatureException' });
  });

  it('is required', async () => {
    const world = await openWorld();
    const { headers, body } = await signedRequest(world);
    const { authorization: _, ...unsigned } = headers;
    const answer = await post(world, { headers: unsigned, body });
    expect(answer.body.__type).toBe('MissingAuthenticationTokenException');
    const answered = await post(world, { headers: { ...unsigned, authorization: 'Bearer x' }, body });
    expect(answered.body.__type).toBe('IncompleteSignatureException');
  });
});

describe('a signature, an hour of world time after the start,', () => {
  const HOUR_MS = 3_600_000;

  it.each([
    ['by the real clock', 0],
    ['by the world clock', HOUR_MS],
    ['4 minutes early by the world clock', HOUR_MS - 240_000],
    ['4 minutes late by the real clock', 240_000],
  ])('is fresh %s', async (_name, systemClockOffset) => {
    const world = await openWorld();
    await world.clock.advance(HOUR_MS);
    expect((await list(world, { systemClockOffset })).taskArns).toEqual([]);
  });

  it.each([
    ['half an hour from both', HOUR_MS / 2],
    ['6 minutes early by the world clock', HOUR_MS - 360_000],
    ['6 minutes late by the world clock', HOUR_MS + 360_000],
    ['6 minutes late by the real clock', 360_000],
  ])('is stale %s', async (_name, systemClockOffset) => {
    const world = await openWorld();
    await world.clock.advance(HOUR_MS);
    await expect(list(world, { systemClockOffset })).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringContaining('Signature expired'),
    });
  });

  it('is answered by the clock that it was made by, so that the SDK keeps to it', async () => {
    const world = await openWorld();
    await world.clock.advance(HOUR_MS);
    const client = clientOf(world);
    for (let call = 0; call < 2; call += 1) {
      await client.send(new ListTasksCommand({ cluster: world.aws.clusterArn }));
    }
    expect(Math.abs(client.config.systemClockOffset)).toBeLessThan(60_000);
    const warped = clientOf(world, { systemClockOffset: HOUR_MS });
    await warped.send(new ListTasksCommand({ cluster: world.aws.clusterArn }));
    expect(Math.abs(warped.config.systemClockOffset - HOUR_MS)).toBeLessThan(60_000);
  });
});

describe('the protocol', () => {
  it('knows no other operations, services and content types', async () => {
    const world = await openWorld();
    const raw = await signedRequest(world);
    for (const [name, value] of [
      ['x-amz-target', 'AmazonEC2ContainerServiceV20141113.DeleteCluster'],
      ['x-amz-target', 'DynamoDB_20120810.GetItem'],
      ['x-amz-target', 'AmazonEC2ContainerServiceV20141113.constructor'],
      ['content-type', 'application/json'],
    ] as const) {
      expect(await post(world, withHeader(raw, name, value))).toMatchObject({
        status: 404,
        body: { __type: expect.stringContaining('UnknownOperationException') },
      });
    }
  });

  it('gives each answer a request id and the content type of its service', async () => {
    const world = await openWorld();
    const { headers } = await post(world, await signedRequest(world));
    expect(headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });
});
