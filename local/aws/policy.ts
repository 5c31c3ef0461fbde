import { accessDenied } from './errors.ts';
import type { Principal } from './keyring.ts';

/** What the stack's roles may call (docs/facts/aws.md, AWS-39 to AWS-45). KMS also checks the encryption context. */
const ALLOWED: Record<Exclude<Principal['kind'], 'deployer' | 'operator'>, readonly string[]> = {
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
    'cloudwatch:GetMetricData',
    'sns:Publish',
  ],
  task: ['kms:Decrypt'],
};

/** Whether a role of the stack may call an action, by its own policy. */
export const allowedTo = (kind: keyof typeof ALLOWED, action: string): boolean =>
  ALLOWED[kind].includes(action);

/**
 * Refuses what the caller's role does not allow, or what the functions' roles are `denied` from outside. The operator,
 * an administrator, may call everything; what the deployer may depends on what is asked (iam/deployer.ts).
 */
export function authorize(
  caller: Principal,
  api: string,
  operationName: string,
  denied: ReadonlySet<string>,
): void {
  if (caller.kind === 'operator' || caller.kind === 'deployer') return;
  const action = `${api}:${operationName}`;
  const isDenied = caller.kind === 'functions' && denied.has(action);
  if (isDenied || !allowedTo(caller.kind, action)) throw accessDenied(caller.arn, action, '*', { api });
}
