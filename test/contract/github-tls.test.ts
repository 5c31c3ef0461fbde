import { once } from 'node:events';
import { get } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Harness, startHarness, until } from './github-harness.ts';
import { guid, startWorker } from './worker-harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ tls: true });
});
afterAll(() => harness.close());

async function statusAt(url: string, ca?: string): Promise<number | undefined> {
  const [response] = await once(get(url, { ...(ca && { ca }) }), 'response');
  response.resume();
  return response.statusCode;
}

describe('the embedded GitHub with TLS', () => {
  it('should be trusted by its own authority alone', async () => {
    const { url, caPem = '' } = harness.github;
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(caPem).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(await statusAt(`${url}/app`, caPem)).toBe(401);
    expect(await statusAt(`${url.replace('127.0.0.1', 'localhost')}/app`, caPem)).toBe(401);
    await expect(statusAt(`${url}/app`)).rejects.toThrow(/certificate/);
  });

  it('should name its services with https and wss, and serve the feed', async () => {
    const { token, addresses, record } = startWorker(harness);
    expect(addresses.results).toMatch(/^https:/);
    expect(addresses.feed).toMatch(/^wss:/);
    const headers = { authorization: `Bearer ${token}` };
    const socket = new WebSocket(addresses.feed ?? '', { headers, ca: harness.github.caPem ?? '' });
    await once(socket, 'open');
    socket.send(JSON.stringify({ count: 1, value: ['hello'], stepId: guid(1) }));
    await until(() => record.report?.logOf(guid(1))?.[0] === 'hello');
    socket.terminate();
  });
});
