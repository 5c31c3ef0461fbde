import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { fail, judged, link, looked, ok, warn } from '../link.ts';

/** Statuses in which a stack is whole (CloudFormation user guide, Stack status codes). */
export const WHOLE: ReadonlySet<string> = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
]);

const STACK = looked('cloudformation:DescribeStacks', async ({ aws, stack: StackName }) => {
  const { Stacks } = await new CloudFormationClient(aws).send(new DescribeStacksCommand({ StackName }));
  return { status: Stacks?.[0]?.StackStatus ?? 'missing', reason: Stacks?.[0]?.StackStatusReason };
});

export const stack = link({
  id: 'stack',
  title: 'the stack is whole',
  tries: 'cloudformation:DescribeStacks',
  needs: ['identity'],
  reads: { stack: STACK },
  judge: (seen) =>
    judged(seen.stack, 'deploy it, or give the right --stage and --region', ({ status, reason = '' }) => {
      if (WHOLE.has(status)) return ok(status);
      return status.endsWith('_IN_PROGRESS')
        ? warn(status, 'wait until it has ended, then run it again')
        : fail(
            `${status} ${reason}`.trim(),
            'CloudFormation’s events name the cause; fix it and deploy again',
          );
    }),
});
