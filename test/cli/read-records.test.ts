import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecords } from '../../cli/observe/records.ts';

const read = (message: string, service = 'webhook') => readRecords({ id: 'e', atMs: 1, message }, service);
const line = (service: string, rest: object) =>
  JSON.stringify({ service: `oneshot-${service}`, level: 'INFO', message: 'm', ...rest });

describe('reading a function’s log', () => {
  it('should never fail, whatever a line holds', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (message) => Array.isArray(read(message))));
  });

  it('should keep the event’s id and time, and tell two things of one line apart', () => {
    const outcome = {
      kind: 'launched',
      runnerName: 'x-1-2-0',
      taskArn: 'arn:1',
      runnerId: 3,
      fellBack: false,
    };
    const records = read(line('webhook', { status: 202, answer: 'a', reason: 'launched', outcome }));
    expect(records).toMatchObject([
      { kind: 'delivery', id: 'e/0', atMs: 1, status: 202, reason: 'launched' },
      { kind: 'launch', id: 'e/1', atMs: 1, by: 'webhook', outcome: { kind: 'launched', taskArn: 'arn:1' } },
    ]);
  });

  it.each([
    ['a metric', JSON.stringify({ _aws: {}, service: 'webhook', Deliveries: 1 })],
    ['what Lambda says of every invocation', 'REPORT RequestId: 1 Duration: 3 ms'],
    ['a line of another version', line('webhook', { status: 'fine' })],
    ['a reason that is not on the list', line('webhook', { status: 200, answer: '', reason: 'weather' })],
    ['a service that is not ours', line('weather', { status: 200, answer: '' })],
  ])('should leave %s alone', (_, message) => expect(read(message)).toEqual([]));

  it('should see faults: errors, warnings, deliveries that were turned away, and ends that Lambda made', () => {
    const failed = line('sweep', { level: 'ERROR', message: 'swept', errors: ['a: b', 'c'] });
    expect(read(failed, 'sweep')).toMatchObject([
      { kind: 'swept' },
      { kind: 'fault', service: 'sweep', message: 'swept', detail: 'a: b; c' },
    ]);
    const probe = { status: 401, answer: 'no signature', reason: 'doctor-probe' };
    expect(read(line('webhook', probe))).toMatchObject([{ kind: 'delivery', reason: 'doctor-probe' }]);
    expect(read(line('webhook', { status: 401, answer: 'no signature' }))).toMatchObject([
      { kind: 'delivery' },
      { kind: 'fault', message: 'a delivery was answered 401: no signature' },
    ]);
    expect(read('2026-01-01T00:00:00Z 4711 Task timed out after 10.00 seconds')).toMatchObject([
      { kind: 'fault', service: 'webhook', message: 'Task timed out after 10.00 seconds' },
    ]);
  });

  it('should read reconcile’s jobs: those that it leaves waiting, and those that it launches', () => {
    const waiting = [{ jobId: 2, queuedAtMs: 5, reason: 'backing-off' }];
    const told = { message: 'reconciled', repository: 'acme/web', waiting, launches: 1 };
    expect(read(line('reconcile', told))).toEqual([
      { kind: 'waiting', id: 'e/0', atMs: 1, repository: 'acme/web', ...waiting[0] },
    ]);
    const outcome = { kind: 'refused', runnerName: 'x-1-2-3', detail: 'no capacity', step: 'run-task' };
    expect(read(line('reconcile', { job: 2, repository: 'acme/web', outcome }))).toMatchObject([
      { kind: 'launch', by: 'reconcile', job: { job: 2 }, outcome: { detail: 'no capacity' } },
    ]);
  });
});

describe('reading a line without a version, as it was written before there was one', () => {
  const hardware = { vcpu: 1, memoryGiB: 2, storageGiB: 20, arch: 'x64', isSpot: true };

  it.each<[string, string, object, object]>([
    [
      'a delivery about a job that cannot be served',
      'webhook',
      {
        ...{ level: 'WARN', status: 202, reason: 'refusals-over-limit', answer: 'a', job: 2, run: 3 },
        ...{ repository: 'acme/web', labels: ['fargate/cpu=99'], queuedAtMs: 5, receivedAtMs: 6 },
      },
      { kind: 'delivery', reason: 'rejections-over-limit', job: { job: 2, queuedAtMs: 5 } },
    ],
    [
      'a launch that was refused for what it asked',
      'reconcile',
      { job: 2, outcome: { kind: 'refused', runnerName: 'x-1-2-3', refusal: 'rejected', step: 'seal' } },
      { kind: 'launch', by: 'reconcile', outcome: { refusal: 'invalid-request' } },
    ],
    [
      'jobs that wait for a limit',
      'reconcile',
      {
        ...{ message: 'reconciled', repository: 'acme/web', refusals: [{ jobId: 9 }], doubtedAgain: true },
        waiting: [{ jobId: 2, queuedAtMs: 5, reason: 'at-capacity', dueAtMs: 7 }],
      },
      { kind: 'waiting', jobId: 2, reason: 'at-concurrency-limit' },
    ],
    [
      'a stopped task, by the function’s former name',
      'task-stopped',
      {
        ...{ message: 'task stopped', taskArn: 'arn:1', runnerName: 'x-1-2-0', hardware, costUsd: 0 },
        ...{ createdAtMs: 1, ending: 'ran-refused', phases: {}, isRemoved: false, errors: [] },
      },
      { kind: 'stopped', task: { ending: 'ran-rejected', hardware: { vcpu: 1, provider: 'fargate-spot' } } },
    ],
    ['a pass of the sweep', 'sweep', { message: 'swept', seen: {}, left: {} }, { kind: 'swept' }],
  ])('should know %s', (_, service, written, read_) => {
    expect(read(line(service, written), service)[0]).toMatchObject(read_);
  });

  it('should leave the words of a line with a version as they are', () => {
    const waiting = [{ jobId: 2, queuedAtMs: 5, reason: 'at-capacity' }];
    const told = { version: 2, message: 'reconciled', repository: 'acme/web', waiting };
    expect(read(line('reconcile', told), 'reconcile')).toEqual([]);
  });
});
