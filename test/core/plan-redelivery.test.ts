import { describe, expect, it } from 'vitest';
import { planRedelivery, type RedeliveryFacts } from '../../functions/core/plan/plan-redelivery.ts';
import type { DeliveryFact } from '../../functions/core/ports.ts';

const NOW_MS = 10_000_000;
const MINUTE_MS = 60_000;
const delivery = (id: string, changes: Partial<DeliveryFact> = {}): DeliveryFact => ({
  id,
  guid: 'g',
  deliveredAtMs: NOW_MS - 300_000 + Number(id),
  isRedelivery: false,
  statusCode: 503,
  event: 'workflow_job',
  action: 'queued',
  repositoryId: 1,
  installationId: 7,
  ...changes,
});
const planWith = (facts: Partial<RedeliveryFacts>, ...deliveries: DeliveryFact[]) =>
  planRedelivery(deliveries, { servedIds: undefined, redeliveries: new Map(), ...facts }, NOW_MS).map(
    ({ id }) => id,
  );
const plan = (...deliveries: DeliveryFact[]) => planWith({}, ...deliveries);

describe('planRedelivery', () => {
  it('should have a failed delivery sent again, oldest first, by the id of its newest attempt', () => {
    const other = delivery('0', { guid: 'h', statusCode: 0 });
    expect(plan(delivery('1'), delivery('2', { isRedelivery: true }), other)).toEqual(['0', '2']);
  });

  it.each<[string, DeliveryFact[]]>([
    ['was made good', [delivery('1'), delivery('2', { statusCode: 202 })]],
    ['succeeded before it failed', [delivery('1', { statusCode: 202 }), delivery('2')]],
    ['had three attempts', [delivery('1'), delivery('2'), delivery('3')]],
    ['is listed without its first attempt', [delivery('2', { isRedelivery: true })]],
    ['was forged or malformed', [delivery('1', { statusCode: 401 })]],
    ['is less than 20 seconds old', [delivery('1', { deliveredAtMs: NOW_MS - 19_999 })]],
    ['is hours old', [delivery('1', { deliveredAtMs: NOW_MS - 7_200_001 })]],
    ['wants nothing of us', [delivery('1', { action: 'completed' })]],
    ['is another event', [delivery('1', { event: 'ping' })]],
  ])('should leave a delivery alone that %s', (_, deliveries) => {
    expect(plan(...deliveries)).toEqual([]);
  });

  it('should have ends of jobs sent again where they are wanted, after all that may start a task', () => {
    const end = delivery('1', { action: 'completed' });
    const queued = delivery('2', { guid: 'h' });
    expect(planWith({ areEndsWanted: true }, end, queued)).toEqual(['2', '1']);
    expect(planWith({ areEndsWanted: false }, end, queued)).toEqual(['2']);
  });

  it('should have one sent again as soon as it is 20 seconds old', () => {
    expect(plan(delivery('1', { deliveredAtMs: NOW_MS - 20_000 }))).toEqual(['1']);
  });

  it('should leave those of repositories alone that are not served, where it is known which are', () => {
    const [served, strange] = [delivery('1'), delivery('2', { guid: 'h', repositoryId: 666 })];
    expect(planWith({ servedIds: new Set([1]) }, served, strange)).toEqual(['1']);
    expect(planWith({ servedIds: new Set() }, served, strange)).toEqual([]);
    expect(planWith({ servedIds: undefined }, served, strange)).toEqual(['1', '2']);
  });

  it('should send none twice within five minutes, though GitHub’s list does not show the second yet', () => {
    const sentAgo = (ms: number) => planWith({ redeliveries: new Map([['g', NOW_MS - ms]]) }, delivery('1'));
    expect(sentAgo(5 * MINUTE_MS - 1)).toEqual([]);
    expect(sentAgo(5 * MINUTE_MS)).toEqual(['1']);
    expect(planWith({ redeliveries: new Map([['h', NOW_MS]]) }, delivery('1'))).toEqual(['1']);
  });

  it('should send fifty of a flood at most, the oldest', () => {
    const flood = Array.from({ length: 250 }, (_, index) => delivery(`${index}`, { guid: `g${index}` }));
    expect(plan(...flood.toReversed())).toEqual(flood.slice(0, 50).map(({ id }) => id));
  });
});
