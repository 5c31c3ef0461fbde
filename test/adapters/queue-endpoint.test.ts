import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import type { StageConfiguration } from '../../functions/config.ts';
import type { Doubt } from '../../functions/core/plan/doubt.ts';
import { createQueuePorts } from '../../functions/stage/queue.ts';

afterEach(() => vi.unstubAllEnvs());

it('should send a doubt to the endpoint that is set (as FIPS sets one), not to the host in the queue’s URL', async () => {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"MessageId":"1"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const port = createQueuePorts({
    doubtQueueUrl: 'http://127.0.0.1:1/123456789012/doubts.fifo',
  } as StageConfiguration);
  const account = { owner: 'acme', ownerType: 'Organization', installationId: 1 };
  await port
    .doubt({ repository: { id: 1, ...account }, jobIds: [1], sends: 0 } as unknown as Doubt)
    .catch(() => undefined); // Its answer has a wrong checksum, which does not matter here.
  expect(paths).toEqual(['POST /']);
  server.close();
});
