import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type Account, accountLink, fail, judged, looked, ok } from '../../link.ts';
import { WHOLE } from '../stack.ts';

/** `undefined` where there is none. A deployment that failed leaves one in which nothing was made. */
export const STACK = looked('cloudformation:DescribeStacks', async ({ aws, stack: StackName }: Account) => {
  try {
    const { Stacks } = await new CloudFormationClient(aws).send(new DescribeStacksCommand({ StackName }));
    const { StackStatus: status = 'missing', Outputs = [] } = Stacks?.[0] ?? {};
    return { status, isMade: Outputs.some(({ OutputKey }) => OutputKey === 'WebhookUrl') };
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
});

const BROKEN_STACK_FIX =
  'wait if it still works. Otherwise its events in CloudFormation name the cause: remove it (oneshot teardown), then deploy';

export const stackBefore = accountLink({
  id: 'stack',
  title: 'no broken stack is in the way',
  tries: 'cloudformation:DescribeStacks',
  needs: ['identity'],
  reads: { stack: STACK },
  judge: ({ stack }) =>
    judged(stack, 'check whether CloudFormation is up (health.aws.amazon.com)', (found) => {
      if (found === undefined) return ok('none of this name yet');
      const { status, isMade } = found;
      if (!WHOLE.has(status)) return fail(status, BROKEN_STACK_FIX);
      return ok(isMade ? `deployed already: ${status}` : `${status}, and nothing is made yet`);
    }),
});
