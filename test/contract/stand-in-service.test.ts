/** The stand-in's side of the protocol, against the services of the embedded GitHub. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBrokerService } from '../../local/runner/broker-service.ts';
import { readJitConfig } from '../../local/runner/jit-config.ts';
import type { ActionsService, JobOffer } from '../../local/runner/service.ts';
import { type Harness, HOUR_MS, jitConfig, job, MINUTE_MS, startHarness } from './github-harness.ts';

let harness: Harness;
let service: ActionsService;
let runnerId: number;
beforeEach(async () => {
  harness = await startHarness();
  const { id, encoded } = await jitConfig(harness, 'r', ['x']);
  runnerId = id;
  service = createBrokerService(readJitConfig(encoded));
});
afterEach(() => harness.close());

const poll = () => service.nextMessage(new AbortController().signal);

async function offered(): Promise<{ id: number; offer: JobOffer }> {
  const [id = 0] = harness.github.queueRun({ repository: 'acme/shop', jobs: [job('a', 'x')] });
  await service.createSession();
  const offer = await poll();
  if (offer.kind !== 'job') throw new Error(`no job: ${offer.kind}`);
  return { id, offer };
}

describe('the stand-in', () => {
  it('should take a job, keep it, and end it with what became of its steps', async () => {
    const { id, offer } = await offered();
    expect(await service.acquireJob(offer)).toMatchObject({
      name: 'a',
      steps: [{ command: ['bash', '-e', '-c', 'sleep 0.3'] }],
    });
    expect(await service.renewJob()).toBe('renewed');
    const annotations = [{ title: 'T', message: 'bad' }];
    const step = { id: 's', number: 2, name: 'n', type: 'run', result: 'Failed', annotations } as const;
    await service.completeJob({ conclusion: 'Failed', steps: [step], annotations: [] });
    expect(harness.github.actions.jobs.get(id)).toMatchObject({
      conclusion: 'failure',
      annotation: 'T: bad',
      stepResults: [{ externalId: 's', number: 2, conclusion: 'failure' }],
    });
    expect(await service.renewJob()).toBe('lost');
    await expect(service.completeJob({ conclusion: 'Failed', steps: [], annotations: [] })).rejects.toThrow(
      '404',
    );
  });

  it('should have another token when its own is over', async () => {
    await service.createSession();
    harness.clock.advance(HOUR_MS + 1);
    expect(await poll()).toEqual({ kind: 'none' });
  });

  it('should be told that a request is no longer its own', async () => {
    const { id, offer } = await offered();
    harness.github.cancelJob(id);
    expect(await service.acquireJob(offer)).toBe('unknown');
  });

  it('should be refused a session when its registration was deleted, and a second one', async () => {
    expect(await service.createSession()).toBe('made');
    expect(await service.createSession()).toBe('conflict');
    harness.github.removeRunner(runnerId);
    expect(await service.createSession()).toBe('refused');
  });

  it('should be told why a poll is refused for good', async () => {
    await service.createSession();
    harness.github.deprecateListener(true);
    expect(await poll()).toEqual({ kind: 'deprecated' });
    harness.github.deprecateListener(false);
    harness.github.removeRunner(runnerId);
    expect(await poll()).toEqual({ kind: 'gone' });
    harness.clock.advance(HOUR_MS + MINUTE_MS);
    await expect(poll()).rejects.toThrow('the registration was deleted');
  });
});
