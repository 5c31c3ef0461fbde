import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { fail, judged, link, looked, ok } from '../link.ts';

const EVENT_SOURCE = looked('lambda:ListEventSourceMappings', async ({ aws, stack }) => {
  const command = new ListEventSourceMappingsCommand({ FunctionName: `${stack}-reconcile` });
  const { EventSourceMappings } = await new LambdaClient(aws).send(command);
  return EventSourceMappings?.[0]?.State;
});

export const eventSource = link({
  id: 'event-source',
  title: 'the queue feeds reconcile',
  tries: 'lambda:ListEventSourceMappings',
  needs: ['functions'],
  reads: { eventSource: EVENT_SOURCE },
  judge: (seen) =>
    judged(seen.eventSource, 'deploy again', (state) => {
      if (state === 'Enabled' || state === 'Creating' || state === 'Updating') return ok(state);
      return fail(
        state === undefined ? 'it has no event source' : `its event source is ${state}`,
        'enable it (Lambda, reconcile, Triggers), or deploy again: until then nothing is repaired',
      );
    }),
});
