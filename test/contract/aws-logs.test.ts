import {
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  type FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { clientsOf, openWorld, type TestWorld } from './aws-harness.ts';

const GROUP = '/aws/lambda/oneshot-test-webhook';

const open = async (): Promise<TestWorld> => {
  const world = await openWorld({ credentials: 'operator' });
  world.aws.logs.createGroup(GROUP);
  return world;
};

const filter = ({ logs }: TestWorld, input: Partial<FilterLogEventsCommandInput> = {}) =>
  logs.send(new FilterLogEventsCommand({ logGroupName: GROUP, ...input }));
const messages = ({ events = [] }: FilterLogEventsCommandOutput) => events.map(({ message }) => message);

describe('FilterLogEvents', () => {
  it('gives what was written, in its order, with ids that sort as text', async () => {
    const world = await open();
    for (let n = 0; n < 12; n += 1) world.aws.logs.put(GROUP, 'a', `line ${n}`);
    const { events = [] } = await filter(world);
    expect(events.map(({ message }) => message)).toEqual(Array.from({ length: 12 }, (_, n) => `line ${n}`));
    const ids = events.map(({ eventId }) => eventId ?? '');
    expect(ids.toSorted()).toEqual(ids);
  });

  it('gives those of a time and of a stream', async () => {
    const world = await open();
    world.aws.logs.put(GROUP, 'runner/runner/1', 'old');
    await world.clock.advance(1000);
    world.aws.logs.put(GROUP, 'runner/runner/2', 'new');
    const nowMs = world.clock.nowMs();
    expect(messages(await filter(world, { startTime: nowMs }))).toEqual(['new']);
    expect(messages(await filter(world, { startTime: 0, endTime: nowMs - 1 }))).toEqual(['old']);
    expect(messages(await filter(world, { logStreamNamePrefix: 'runner/runner/1' }))).toEqual(['old']);
    expect(messages(await filter(world, { logStreamNames: ['runner/runner/2'] }))).toEqual(['new']);
  });

  it.each([
    ['ERROR', ['{"a":17,"b":"x-1-y"} ERROR']],
    ['"x-1" ERROR', ['{"a":17,"b":"x-1-y"} ERROR']],
    ['?ERROR ?"timed out"', ['{"a":17,"b":"x-1-y"} ERROR', 'it timed out']],
    ['{ $.a = 17 }', ['{"a":17,"b":"z"}']],
    ['{ $.b = "x-*-y" }', ['{"a":2,"b":"x-1-y"}']],
    ['{ ($.a = 17) || ($.b = "x-1-y") }', ['{"a":17,"b":"z"}', '{"a":2,"b":"x-1-y"}']],
  ])('filters by %s', async (filterPattern, found) => {
    const world = await open();
    for (const line of [
      '{"a":17,"b":"x-1-y"} ERROR',
      'it timed out',
      '{"a":17,"b":"z"}',
      '{"a":2,"b":"x-1-y"}',
    ])
      world.aws.logs.put(GROUP, 's', line);
    expect(messages(await filter(world, { filterPattern }))).toEqual(found);
  });

  it.each(['a-b', '?a b', '[a, b]', '%regex%', '{ $.a > 3 }', '{ $.a = 1 || $.b = 2 }', '{ a = 1 }'])(
    'refuses a pattern that it does not know: %s',
    async (filterPattern) => {
      await expect(filter(await open(), { filterPattern })).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: 'Invalid filter pattern',
      });
    },
  );

  it('gives pages of a megabyte, and of as many as are asked for', async () => {
    const world = await open();
    for (let n = 0; n < 5; n += 1) world.aws.logs.put(GROUP, 's', `${n}`.padEnd(300_000, '.'));
    const first = await filter(world);
    expect(first.events).toHaveLength(3);
    const second = await filter(world, { nextToken: first.nextToken });
    expect(messages(second).map((message) => message?.[0])).toEqual(['3', '4']);
    expect(second.nextToken).toBeUndefined();
    expect((await filter(world, { limit: 2 })).events).toHaveLength(2);
  });

  it.each<[string, Partial<FilterLogEventsCommandInput>, string]>([
    ['no group', { logGroupName: undefined }, 'InvalidParameterException'],
    ['a group that is not there', { logGroupName: '/none' }, 'ResourceNotFoundException'],
    [
      'streams by name and prefix',
      { logStreamNames: ['a'], logStreamNamePrefix: 'a' },
      'InvalidParameterException',
    ],
    ['a time that ends before it begins', { startTime: 9, endTime: 3 }, 'InvalidParameterException'],
    ['more than 10,000', { limit: 10_001 }, 'InvalidParameterException'],
    ['a token of its own making', { nextToken: 'x' }, 'InvalidParameterException'],
  ])('refuses %s', async (_, input, name) => {
    await expect(filter(await open(), input)).rejects.toMatchObject({ name });
  });

  it('is limited to five calls a second', async () => {
    const world = await open();
    for (let calls = 0; calls < 5; calls += 1) await filter(world);
    await expect(filter(world)).rejects.toMatchObject({ name: 'ThrottlingException' });
    await world.clock.advance(1000);
    await filter(world);
  });

  it('is not for the functions', async () => {
    const world = await open();
    const functions = { ...world, ...clientsOf(world.aws, world.aws.credentials) };
    await expect(filter(functions)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
