import { describe, expect, it } from 'vitest';
import { readDelivery } from '../../functions/core/job/events.ts';
import { decideLaunch } from '../../functions/core/plan/decide-launch.ts';
import type { Refusal, Unknown } from '../../functions/core/words/outcomes.ts';
import { launch } from '../../functions/launch/launch.ts';
import { jobPayload } from '../fixtures/deliveries.ts';
import { type Answers, createLaunchPorts } from '../fixtures/launch-ports.ts';
import { POLICY } from '../fixtures/policy.ts';

const NAME = 'oneshot-dev-700000001-31415926535-0';
const refused = (refusal: Refusal['refusal']): Refusal => ({ kind: 'refused', refusal, detail: 'no' });
const unknown: Unknown = { kind: 'unknown', detail: 'the answer was lost' };

const throttled = (times: number) => Array.from({ length: times }, () => refused('throttled'));

async function launchWith(
  answers: Answers,
  labels = ['fargate'],
  { signal } = new AbortController(),
  mostThrottles?: number,
) {
  const delivery = readDelivery('workflow_job', jobPayload({ job: { labels } }));
  if (delivery.kind === 'malformed' || delivery.kind === 'jobless') throw new Error(delivery.problem);
  const plan = decideLaunch(delivery, POLICY);
  if (plan.verdict !== 'launch') throw new Error(plan.reason);
  const world = createLaunchPorts(answers);
  const outcome = await launch(plan, 0, 'oneshot-dev', world.ports, signal, mostThrottles);
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
    const { outcome, ported } = await launchWith({ run: [unknown, unknown] });
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
    const { outcome } = await launchWith({ run: [refused('invalid-request')], removeFails: true });
    expect(outcome).toMatchObject({ kind: 'refused', refusal: 'invalid-request' });
  });

  it('should ask a throttled RunTask up to four times more, the very same (ADR 14)', async () => {
    for (const times of [1, 4]) {
      const { outcome, ported, calls } = await launchWith({ run: throttled(times) });
      expect(outcome).toMatchObject({ kind: 'launched', runnerName: NAME });
      expect(ported().slice(3)).toEqual(Array(times).fill(['pause', 'runTask']).flat());
      expect(new Set(calls.flatMap(({ port, what }) => (port === 'runTask' ? [what] : []))).size).toBe(1);
    }
  });

  it('should wait between 0.4 and 3.5 seconds before each, other for each call', async () => {
    const pauses = async (random: number) => {
      const { calls } = await launchWith({ run: throttled(4), random: () => random });
      return calls.flatMap(({ port, what }) => (port === 'pause' ? [what] : []));
    };
    expect([await pauses(0), await pauses(1)]).toEqual([Array(4).fill(400), Array(4).fill(3_500)]);
  });

  it('should believe the fifth throttle, and leave nothing behind', async () => {
    const { outcome, ported } = await launchWith({ run: throttled(5) });
    expect(outcome).toMatchObject({ kind: 'refused', refusal: 'throttled', step: 'run-task' });
    expect(ported().filter((port) => port === 'runTask')).toHaveLength(5);
    expect(ported().at(-1)).toBe('removeRunner');
  });

  it('should believe the first throttle where it is told to ask for none again', async () => {
    const { outcome, ported } = await launchWith({ run: throttled(1) }, ['fargate'], undefined, 0);
    expect(outcome).toMatchObject({ kind: 'refused', refusal: 'throttled' });
    expect(ported().slice(2)).toEqual(['runTask', 'removeRunner']);
  });

  it('should ask once more, the very same, where an answer of RunTask was lost, and believe a start', async () => {
    const { outcome, ported, calls } = await launchWith({ run: [unknown] });
    expect(outcome).toMatchObject({ kind: 'launched', runnerName: NAME });
    expect(ported()).toEqual(['createJitConfig', 'seal', 'runTask', 'runTask']);
    expect(calls[3]?.what).toBe(calls[2]?.what);
  });

  it.each([
    ['is lost too', unknown],
    ['is a throttle', refused('throttled')],
    ['is a firm refusal', refused('vcpu-quota')],
    ['is that the name is taken', { kind: 'taken' } as const],
  ])(
    'should not know whether the task started, and ask no third time, when the second answer %s',
    async (_, second) => {
      for (const run of [
        [unknown, second],
        [refused('throttled'), unknown, second],
      ]) {
        const { outcome, ported } = await launchWith({ run });
        expect(outcome).toMatchObject({ kind: 'unknown', step: 'run-task' });
        expect(ported().filter((port) => port === 'runTask')).toHaveLength(run.length);
        expect(ported()).not.toContain('removeRunner');
      }
    },
  );

  it('should ask once more, under the same name, where a JIT config was lost', async () => {
    const { outcome, calls } = await launchWith({ jit: [unknown] });
    expect(outcome).toMatchObject({ kind: 'launched', runnerName: NAME });
    expect(calls.map(({ port }) => port)).toEqual(['createJitConfig', 'createJitConfig', 'seal', 'runTask']);
    expect(calls[1]?.what).toEqual(calls[0]?.what);
  });

  it('should know by the second answer that the lost one had registered the runner, and launch nothing', async () => {
    const { outcome, ported } = await launchWith({ jit: [unknown, { kind: 'taken' }] });
    expect(outcome).toMatchObject({ kind: 'taken', step: 'jit-config' });
    expect(ported()).toEqual(['createJitConfig', 'createJitConfig']);
  });

  it('should ask for a JIT config no third time, and not again where GitHub has refused it', async () => {
    const lost = await launchWith({ jit: [unknown, unknown] });
    expect(lost.outcome).toMatchObject({ kind: 'unknown', step: 'jit-config' });
    expect(lost.ported()).toEqual(['createJitConfig', 'createJitConfig']);
    const { ported } = await launchWith({ jit: [refused('secondary-limit')] });
    expect(ported()).toEqual(['createJitConfig']);
  });

  it('should know nothing of a launch that throws, and reject for none', async () => {
    const { outcome } = await launchWith({ throws: new Error('no parameters') });
    expect(outcome).toMatchObject({ kind: 'unknown', runnerName: NAME, detail: 'Error: no parameters' });
  });

  it.each<[string, Answers, string[]]>([
    ['pause', { run: throttled(1) }, ['createJitConfig', 'seal', 'runTask', 'pause', 'removeRunner']],
    ['runTask', { run: [unknown] }, ['createJitConfig', 'seal', 'runTask']],
    ['createJitConfig', { jit: [unknown] }, ['createJitConfig']],
  ])('should not ask again once its time is over, be it during %s', async (last, answers, expected) => {
    const controller = new AbortController();
    const onCall = (port: string) => port === last && controller.abort();
    const { outcome, ported } = await launchWith({ ...answers, onCall }, ['fargate'], controller);
    expect(outcome.kind).not.toBe('launched');
    expect(ported()).toEqual(expected);
  });

  it('should fall back from Spot to on-demand for want of capacity, as a launch of its own (rule 6)', async () => {
    const { outcome, calls } = await launchWith({ run: [refused('no-capacity')] }, ['fargate/spot']);
    expect(outcome).toMatchObject({ kind: 'launched', runnerName: `${NAME}-od`, fellBack: true });
    expect(calls.map(({ port, what }) => [port, what])).toMatchObject([
      ['createJitConfig', { runnerName: NAME }],
      ['seal', NAME],
      ['runTask', { runnerName: NAME, launch: { given: { provider: 'fargate-spot' } } }],
      ['removeRunner', 4711],
      ['createJitConfig', { runnerName: `${NAME}-od` }],
      ['seal', `${NAME}-od`],
      ['runTask', { runnerName: `${NAME}-od`, launch: { given: { provider: 'fargate' } } }],
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
    ['Spot’s answers are lost', [unknown, unknown], ['fargate/spot']],
    ['Spot has no capacity once an answer was lost', [unknown, refused('no-capacity')], ['fargate/spot']],
  ] as const)('should not fall back when %s', async (_, run, labels) => {
    const { ported } = await launchWith({ run }, [...labels]);
    expect(ported().filter((port) => port === 'createJitConfig')).toHaveLength(1);
  });

  it('should not fall back when Spot is throttled', async () => {
    const { outcome, ported } = await launchWith({ run: throttled(5) }, ['fargate/spot']);
    expect(outcome).toMatchObject({ kind: 'refused', runnerName: NAME });
    expect(ported().filter((port) => port === 'createJitConfig')).toHaveLength(1);
  });
});
