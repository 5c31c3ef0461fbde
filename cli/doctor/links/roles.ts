import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import type { Deployment } from '../../deployment.ts';
import { fail, judged, link, looked, ok } from '../link.ts';
import { readWebhookFunction } from './functions.ts';

interface Need {
  readonly action: string;
  readonly resource: string;
  /** What the policy's conditions look at (infra/iam.yml). */
  readonly context: Readonly<Record<string, string>>;
}

/**
 * What the webhook's role may not do of what a launch and a doubt need, by IAM's simulation. KMS is left out: the
 * simulation does not take an encryption context, and a launch that cannot seal says so in the log.
 */
const DENIED = looked('iam:SimulatePrincipalPolicy', async (deployment, ask) => {
  const { Role = '' } = await ask(readWebhookFunction);
  const iam = new IAMClient(deployment.aws);
  const denied = await Promise.all(
    needsOf(deployment, Role).map(async (need) => ((await isAllowed(iam, Role, need)) ? [] : [need.action])),
  );
  return denied.flat();
});

export const roles = link({
  id: 'roles',
  title: 'the functions’ roles may do their work',
  tries: 'iam:SimulatePrincipalPolicy of their roles',
  needs: ['functions'],
  reads: { denied: DENIED },
  judge: ({ denied }) =>
    judged(denied, 'deploy again', (actions) =>
      actions.length === 0
        ? ok('by simulation')
        : fail(
            `denied: ${actions.join(', ')}`,
            'a boundary, an organisation’s policy or a change by hand takes them away: restore them, or deploy again',
          ),
    ),
});

async function isAllowed(
  client: IAMClient,
  role: string,
  { action, resource, context }: Need,
): Promise<boolean> {
  const { EvaluationResults = [] } = await client.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: role,
      ActionNames: [action],
      ResourceArns: [resource],
      ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
        ContextKeyName,
        ContextKeyValues: [value],
        ContextKeyType: /^\d+$/.test(value) ? 'numeric' : 'string',
      })),
    }),
  );
  return EvaluationResults.every(({ EvalDecision }) => EvalDecision === 'allowed');
}

function needsOf({ stack, region, clusterArn, parameterPath }: Deployment, role: string): Need[] {
  const [, partition = 'aws', , , account = ''] = role.split(':');
  const arn = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${account}:${rest}`;
  // The stack's output is the cluster's name.
  const cluster = clusterArn.startsWith('arn:') ? clusterArn : arn('ecs', `cluster/${clusterArn}`);
  const onCluster = { 'ecs:cluster': cluster };
  const size = { 'ecs:task-cpu': '256', 'ecs:task-memory': '512' };
  return [
    {
      action: 'ecs:RunTask',
      resource: arn('ecs', `task-definition/${stack}-x64:1`),
      context: { ...onCluster, ...size },
    },
    { action: 'ecs:DescribeTasks', resource: arn('ecs', `task/${stack}/1`), context: onCluster },
    {
      action: 'ecs:TagResource',
      resource: arn('ecs', `task/${stack}/1`),
      context: { 'ecs:CreateAction': 'RunTask' },
    },
    { action: 'sqs:SendMessage', resource: arn('sqs', `${stack}-doubts.fifo`), context: {} },
    { action: 'ssm:GetParameters', resource: arn('ssm', `parameter${parameterPath}/app-id`), context: {} },
  ];
}
