import type { CloudFormationClient, StackEvent } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { causeOf, createEventReader, isRollback, stepOf } from '../../cli/deploy/stack-events.ts';

const event = (id: string, status: string, reason = '', type = 'AWS::SQS::Queue'): StackEvent =>
  ({
    ...{ StackId: 's', StackName: 's', Timestamp: new Date(0), EventId: `${id} ${status}` },
    ...{ LogicalResourceId: id, ResourceType: type, ResourceStatus: status, ResourceStatusReason: reason },
  }) as StackEvent;
const steps = (...events: StackEvent[]) => events.flatMap((one) => stepOf(one, false) ?? []);

describe('an event of a stack', () => {
  it('should be told once it has ended, and nothing be told of the stack itself', () => {
    expect(steps(event('Q', 'CREATE_IN_PROGRESS'), event('Q', 'CREATE_COMPLETE'))).toEqual([
      { id: 'Q', what: 'queue', done: 'made', reason: '' },
    ]);
    expect(steps(event('s', 'UPDATE_COMPLETE', '', 'AWS::CloudFormation::Stack'))).toEqual([]);
  });

  it('should be told as taken back after the stack began to', () => {
    expect(isRollback(event('s', 'UPDATE_ROLLBACK_IN_PROGRESS', '', 'AWS::CloudFormation::Stack'))).toBe(
      true,
    );
    expect(isRollback(event('s', 'UPDATE_IN_PROGRESS', '', 'AWS::CloudFormation::Stack'))).toBe(false);
    expect(stepOf(event('Q', 'DELETE_COMPLETE'), true)).toMatchObject({ done: 'undone' });
  });

  it('should be the cause where it failed by itself, and not because of another', () => {
    const all = steps(
      event('A', 'CREATE_COMPLETE'),
      event('B', 'CREATE_FAILED', 'Resource creation cancelled'),
      event('C', 'CREATE_FAILED', 'no such thing'),
      event('D', 'CREATE_FAILED', 'later'),
    );
    expect(causeOf(all)).toMatchObject({ id: 'C', reason: 'no such thing' });
    expect(causeOf(steps(event('A', 'CREATE_COMPLETE')))).toBeUndefined();
  });
});

describe('the reader of events', () => {
  /** Pages of two, newest first, of what has happened; an error where there is no stack. */
  function reader(happened: StackEvent[] | undefined) {
    const state = { happened };
    const client = {
      send: async ({ input }: { input: { NextToken?: string } }) => {
        if (state.happened === undefined) throw new Error('Stack [s] does not exist');
        const from = Number(input.NextToken ?? 0);
        const page = state.happened.toReversed().slice(from, from + 2);
        return { StackEvents: page, NextToken: from + 2 < state.happened.length ? `${from + 2}` : undefined };
      },
    };
    return { state, read: createEventReader(client as unknown as CloudFormationClient, 's') };
  }
  const ids = (events: readonly StackEvent[]) => events.map(({ LogicalResourceId }) => LogicalResourceId);
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => event(`${from + index}`, 'CREATE_COMPLETE'));

  it('should give what has come since, oldest first, over all pages, and each once', async () => {
    const { state, read } = reader(numbered(0, 5));
    expect(await read()).toEqual([]);
    state.happened = numbered(0, 12);
    expect(ids(await read())).toEqual(['5', '6', '7', '8', '9', '10', '11']);
    expect(await read()).toEqual([]);
  });

  it('should give everything of a stack that was not there', async () => {
    const { state, read } = reader(undefined);
    expect(await read()).toEqual([]);
    expect(await read()).toEqual([]);
    state.happened = numbered(0, 5);
    expect(ids(await read())).toEqual(['0', '1', '2', '3', '4']);
  });
});
