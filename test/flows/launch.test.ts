import { describe, expect, it } from 'vitest';
import { decideLaunch } from '../../functions/core/decide-launch.ts';
import { readDelivery } from '../../functions/core/events.ts';
import type { Refusal, Unknown } from '../../functions/core/outcomes.ts';
import { launch } from '../../functions/launch/launch.ts';
import { jobPayload } from '../fixtures/deliveries.ts';
import { type Answers, createLaunchPorts } from '../fixtures/launch-ports.ts';
import { POLICY } from '../fixtures/policy.ts';

const NAME = 'oneshot-dev-700000001-31415926535-0';
const refused = (refusal: Refusal['refusal']): Refusal => ({ kind: 'refused', refusal, detail: 'no' });
const unknown: Unknown = { kind: 'unknown', detail: 'the answer was lost' };

const throttledTwice = [refused('throttled'), refused('throttled')];

async function launchWith(answers: Answers, labels = ['fargate'], { signal } = new AbortController()) {
  const delivery = readDelivery('workflow_job', jobPayload({ job: { labels } }));
  if (delivery.kind === 'malformed' || delivery.kind === 'jobless') throw new Error(delivery.problem);
  const plan = decideLaunch(delivery, POLICY);
  if (plan.verdict !== 'launch') throw new Error(plan.reason);
  const world = createLaunchPorts(answers);
  const outcome = await launch(plan, 0, 'oneshot-dev', world.ports, signal);
  return { ...world, outcome };
}

describe('launch', () => {
  it('should make three calls, one after another, with one identity', async () => {
    const { outcome, ported, calls } = await launchWith({});
    expect(outcome).toMatchObject({ kind: 'launched', runnerName: NAME, runnerId: 4711, fellBack: false });
    expect(ported()).toEqual(['createJitConfig', 'seal', 'runTask']);
    expect(calls[1]?.what).toBe(NAME);
    expect(calls[2]?.what).toMatchObject({ runnerName: NAME, runnerId: 4711 });
  });

  it('should remove nothing when the name is taken (rule 4)', async () => {
    const { outcome, ported } = await launchWith({ jit: { kind: 'taken' } });
    expect(outcome).toMatchObject({ kind: 'taken', step: 'jit-config' });
    expect(ported()).toEqual(['createJitConfig']);
  });

  it('should remove the registration that it made when RunTask is firmly refused (rule 7)', async () => {
    const { outcome, calls } = await launchWith({ run: [refused('vcpu-quota')] });
    expect(outcome).toMatchObject({ kind: 'refused', refusal: 'vcpu-quota', step: 'run-task' });
    expect(calls.at(-1)).toEqual({ port: 'removeRunner', what: 4711 });
  });

  it('should leave the registration alone when nobody knows whether the task started (rule 7)', async () => {
    const { outcome, ported } = await launchWith({ run: [unknown] });
    expect(outcome).toMatchObject({ kind: 'unknown', step: 'run-task' });
    expect(ported()).not.toContain('removeRunner');
  });

  it('should remove its own registration when another launch has the task (rule 8)', async () => {
    const { outcome, ported } = await launchWith({ run: [{ kind: 'taken' }] });
    expect(outcome).toMatchObject({ kind: 'taken', step: 'run-task' });
    expect(ported()).toContain('removeRunner');
  });

  it('should remove the registration when the config could not be sealed, as no task can have it', async () => {
    for (const seal of [refused('throttled'), unknown])
      expect((await launchWith({ seal })).ported()).toEqual(['createJitConfig', 'seal', 'removeRunner']);
  });

  it('should report the refusal though the registration could not be removed', async () => {
    const { outcome } = await launchWith({ run: [refused('rejected')], removeFails: true });
    expect(outcome).toMatchObject({ kind: 'refused', refusal: 'rejected' });
  });

  it('should ask a throttled RunTask once more, the very same, after a moment (ADR 14)', async () => {
    const { outcome, ported, calls } = await launchWith({ run: [refused('throttled')] });
    expect(outcome).toMatchObject({ kind: 'launched', runnerName: NAME });
    expect(ported()).toEqual(['createJitConfig', 'seal', 'runTask', 'pause', 'runTask']);
    expect(calls[3]?.what).toBe(2_500);
    expect(calls[4]?.what).toBe(calls[2]?.what);
  });

  it('should believe the second throttle, and leave nothing behind', async () => {
    const { outcome, ported } = await launchWith({ run: throttledTwice });
    expect(outcome).toMatchObject({ kind: 'refused', refusal: 'throttled' });
    expect(ported().slice(3)).toEqual(['pause', 'runTask', 'removeRunner']);
  });

  it('should not know whether the task started when the second answer is lost', async () => {
    const { outcome, ported } = await launchWith({ run: [refused('throttled'), unknown] });
    expect(outcome).toMatchObject({ kind: 'unknown', step: 'run-task' });
    expect(ported()).not.toContain('removeRunner');
  });

  it('should know nothing of a launch that throws, and reject for none', async () => {
    const { outcome } = await launchWith({ throws: new Error('no parameters') });
    expect(outcome).toMatchObject({ kind: 'unknown', runnerName: NAME, detail: 'Error: no parameters' });
  });

  it('should not ask again once its time is over', async () => {
    const controller = new AbortController();
    const answers = { run: [refused('throttled')], onPause: () => controller.abort() };
    const { outcome, ported } = await launchWith(answers, ['fargate'], controller);
    expect(outcome).toMatchObject({ kind: 'refused', refusal: 'throttled' });
    expect(ported().slice(3)).toEqual(['pause', 'removeRunner']);
  });

  it('should fall back from Spot to on-demand for want of capacity, as a launch of its own (rule 6)', async () => {
    const { outcome, calls } = await launchWith({ run: [refused('no-capacity')] }, ['fargate/spot']);
    expect(outcome).toMatchObject({ kind: 'launched', runnerName: `${NAME}-od`, fellBack: true });
    expect(calls.map(({ port, what }) => [port, what])).toMatchObject([
      ['createJitConfig', { runnerName: NAME }],
      ['seal', NAME],
      ['runTask', { runnerName: NAME, launch: { given: { spot: true } } }],
      ['removeRunner', 4711],
      ['createJitConfig', { runnerName: `${NAME}-od` }],
      ['seal', `${NAME}-od`],
      ['runTask', { runnerName: `${NAME}-od`, launch: { given: { spot: false } } }],
    ]);
  });

  it('should say what came of the fallback where on-demand has no capacity either', async () => {
    const run = [refused('no-capacity'), refused('no-capacity')];
    const { outcome, calls } = await launchWith({ run }, ['fargate/spot']);
    expect(outcome).toMatchObject({ kind: 'refused', runnerName: `${NAME}-od` });
    expect(calls.at(-1)?.port).toBe('removeRunner');
  });

  it.each([
    ['on-demand has no capacity', [refused('no-capacity')], ['fargate']],
    ['Spot’s quota is used up', [refused('vcpu-quota')], ['fargate/spot']],
    ['Spot’s answer is lost', [unknown], ['fargate/spot']],
  ] as const)('should not fall back when %s', async (_, run, labels) => {
    const { ported } = await launchWith({ run }, [...labels]);
    expect(ported().filter((port) => port === 'runTask')).toHaveLength(1);
  });

  it('should not fall back when Spot is throttled', async () => {
    const { outcome, ported } = await launchWith({ run: throttledTwice }, ['fargate/spot']);
    expect(outcome).toMatchObject({ kind: 'refused', runnerName: NAME });
    expect(ported().filter((port) => port === 'createJitConfig')).toHaveLength(1);
  });
});
