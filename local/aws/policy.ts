import { accessDenied } from './errors.ts';
import type { Principal } from './keyring.ts';

/** What the stack's roles may call (aws-notes: IAM). KMS looks at the encryption context besides. */
const ALLOWED: Record<Exclude<Principal['kind'], 'operator'>, readonly string[]> = {
  functions: [
    'ecs:RunTask',
    'ecs:ListTasks',
    'ecs:DescribeTasks',
    'ecs:StopTask',
    'ecs:TagResource',
    'kms:Encrypt',
    'kms:Decrypt',
    'ssm:GetParameter',
    'ssm:GetParameters',
    'sqs:SendMessage',
    'sqs:SendMessageBatch',
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:DeleteMessageBatch',
    'sqs:ChangeMessageVisibility',
    'sqs:ChangeMessageVisibilityBatch',
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
  ],
  task: ['kms:Decrypt'],
};

/** Refuses what the caller's role does not allow. The operator, an administrator, may call everything. */
export function authorize(caller: Principal, api: string, operationName: string): void {
  if (caller.kind === 'operator') return;
  const action = `${api}:${operationName}`;
  if (!ALLOWED[caller.kind].includes(action)) throw accessDenied(caller.arn, action, '*');
}
