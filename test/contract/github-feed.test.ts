import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Harness, startHarness, until } from './github-harness.ts';
import { guid, startWorker, type Worker } from './worker-harness.ts';

let harness: Harness;
let worker: Worker;
beforeEach(async () => {
  harness = await startHarness();
  worker = startWorker(harness);
});
afterEach(() => harness.close());

function connect(token: string): WebSocket {
  return new WebSocket(worker.addresses.feed ?? '', { headers: { authorization: `Bearer ${token}` } });
}

/** As the worker does: text in frames of 1,024 bytes. */
function send(socket: WebSocket, message: unknown): void {
  const bytes = Buffer.from(JSON.stringify(message));
  for (let start = 0; start < bytes.length; start += 1024)
    socket.send(bytes.subarray(start, start + 1024), { binary: false, fin: start + 1024 >= bytes.length });
}

const lines = (count: number, text: string) => ({
  count,
  value: Array.from({ length: count }, (_, index) => `${text} ${index}`),
  stepId: guid(1),
  startLine: 1,
});
const log = () => worker.record.report?.logOf(guid(1)) ?? [];

describe('the live feed', () => {
  it('should put lines into the report at once, whatever frames they come in', async () => {
    const socket = connect(worker.token);
    await once(socket, 'open');
    send(socket, lines(2, 'short'));
    send(socket, lines(500, `größer ${'€'.repeat(300)}`));
    await until(() => log().length === 502);
    expect([log()[1], log()[501]]).toEqual(['short 1', `größer ${'€'.repeat(300)} 499`]);
    socket.close();
  });

  it('should give way to the log once that is whole', async () => {
    const socket = connect(worker.token);
    await once(socket, 'open');
    send(socket, lines(1, 'live'));
    await until(() => log().length === 1);
    const { report } = worker.record;
    report?.createBlob(guid(1), 'AppendBlob', '');
    report?.appendBlock(guid(1), 'T1 a\n', false);
    expect(log()).toEqual(['live 0']);
    report?.appendBlock(guid(1), 'T2 b\n', true);
    expect(log()).toEqual(['T1 a', 'T2 b']);
    socket.terminate();
  });

  it('should need the token of a running job, at the start and with each message', async () => {
    const [, refused] = await once(connect('h.p.s'), 'unexpected-response');
    expect(refused.statusCode).toBe(401);
    const socket = connect(worker.token);
    await once(socket, 'open');
    harness.github.actions.finish(worker.record, 'success');
    harness.clock.advance(61_000);
    send(socket, lines(1, 'late'));
    const [code] = await once(socket, 'close');
    expect([code, log()]).toEqual([1008, []]);
  });

  it('should end with what is no line of a step', async () => {
    const socket = connect(worker.token);
    await once(socket, 'open');
    send(socket, { ...lines(1, 'x'), stepId: '../../etc' });
    expect((await once(socket, 'close'))[0]).toBe(1007);
  });

  it('should say to others what it is', async () => {
    const url = (worker.addresses.feed ?? '').replace(/^ws/, 'http');
    const response = await fetch(url, { headers: { authorization: `Bearer ${worker.token}` } });
    expect(response.status).toBe(426);
  });
});
