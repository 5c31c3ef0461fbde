import {
  type CloudFormationClient,
  DescribeStackEventsCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { kindOf } from './plan/kinds.ts';

/** What came to its end, in words. */
export interface Step {
  readonly id: string;
  /** The kind of resource: `function`. */
  readonly what: string;
  readonly done: 'made' | 'changed' | 'deleted' | 'failed' | 'undone';
  /** CloudFormation's words, of one that failed. */
  readonly reason: string;
}

const DONE: Readonly<Record<string, Step['done']>> = {
  CREATE_COMPLETE: 'made',
  UPDATE_COMPLETE: 'changed',
  DELETE_COMPLETE: 'deleted',
};

const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** Whether from this event on CloudFormation takes back what it did. Pure. */
export const isRollback = ({ ResourceType, ResourceStatus }: StackEvent): boolean =>
  ResourceType === STACK_TYPE && (ResourceStatus ?? '').endsWith('ROLLBACK_IN_PROGRESS');

/** What an event tells a person: `undefined` for what only begins, and for the stack itself. Pure. */
export function stepOf(event: StackEvent, isUndone: boolean): Step | undefined {
  const { ResourceType = '', LogicalResourceId: id = '' } = event;
  const ResourceStatus: string = event.ResourceStatus ?? '';
  const done = ResourceStatus.endsWith('_FAILED') ? 'failed' : DONE[ResourceStatus];
  if (ResourceType === STACK_TYPE || done === undefined) return undefined;
  const reason = event.ResourceStatusReason ?? '';
  return {
    id,
    what: kindOf(ResourceType).one,
    done: isUndone && done !== 'failed' ? 'undone' : done,
    reason,
  };
}

/** Resources that CloudFormation stopped because of another. */
const BECAUSE_OF_ANOTHER = /cancelled/i;

/** The failure that the others follow from: the first that no other one stopped. Pure. */
export const causeOf = (steps: readonly Step[]): Step | undefined =>
  steps.find(({ done, reason }) => done === 'failed' && !BECAUSE_OF_ANOTHER.test(reason));

/**
 * The events of a stack that have come since the last call, oldest first. The first call gives none: it marks where those
 * of a deployment begin.
 */
export function createEventReader(client: CloudFormationClient, stack: string) {
  let last: string | undefined;
  let isMarked = false;
  return async (): Promise<readonly StackEvent[]> => {
    const fresh = await eventsSince(client, stack, last, isMarked);
    last = fresh[0]?.EventId ?? last;
    const wasMarked = isMarked;
    isMarked = true;
    return wasMarked ? fresh.toReversed() : [];
  };
}

/** Newest first, up to the last known; only the first page where nothing is known yet. */
async function eventsSince(
  client: CloudFormationClient,
  stack: string,
  last: string | undefined,
  isMarked: boolean,
): Promise<StackEvent[]> {
  const fresh: StackEvent[] = [];
  for (let token: string | undefined; ; ) {
    const page = await readPage(client, stack, token);
    for (const event of page.events) {
      if (last !== undefined && event.EventId === last) return fresh;
      fresh.push(event);
    }
    if (page.next === undefined || !isMarked) return fresh;
    token = page.next;
  }
}

/** A stack that is not there yet has no events. */
async function readPage(client: CloudFormationClient, stack: string, token: string | undefined) {
  const command = new DescribeStackEventsCommand({
    StackName: stack,
    ...(token !== undefined && { NextToken: token }),
  });
  const answer = await client.send(command).catch((error: unknown) => {
    if (/does not exist/.test(Object(error).message)) return { StackEvents: [], NextToken: undefined };
    throw error;
  });
  return { events: answer.StackEvents ?? [], next: answer.NextToken };
}
