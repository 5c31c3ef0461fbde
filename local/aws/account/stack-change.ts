import { randomUUID } from 'node:crypto';
import { planChange, type Step, stepNeeds } from '../cloudformation/change.ts';
import type { Site } from '../cloudformation/names.ts';
import { accessDenied } from '../errors.ts';
import { decide } from '../iam/evaluate.ts';
import type { Principal } from '../keyring.ts';
import type { Account, Stack, StackEvent, Template } from './account.ts';

const STACK_TYPE = 'AWS::CloudFormation::Stack';
export const EMPTY: Template = { Resources: {} };
/** Where a stack is, with what it is made of. */
export const siteOf = ({ region, id: account }: Account, { name, template = EMPTY }: Stack): Site => ({
  stack: name,
  region,
  account,
  resources: template.Resources,
});

/** One step after another, until the caller's permissions do not suffice for one; then everything stays as it was. */
export async function changeStack(
  account: Account,
  stack: Stack,
  template: Template,
  action: 'CREATE' | 'UPDATE' | 'DELETE',
  caller: Principal,
): Promise<void> {
  const events: StackEvent[] = [];
  stack.events = events;
  const tell = (logicalId: string, type: string, status: string, reason?: string) =>
    void events.push({ logicalId, type, status, ...(reason !== undefined && { reason }) });
  tell(stack.name, STACK_TYPE, `${action}_IN_PROGRESS`);
  for (const step of planChange(siteOf(account, stack), siteOf(account, { ...stack, template }))) {
    const refusal = await refusalOf(step, account, caller);
    const type = step.site.resources[step.logicalId]?.Type ?? '';
    const word = step.operation === 'read' ? action : step.operation.toUpperCase();
    if (refusal === undefined) tell(step.logicalId, type, `${word}_COMPLETE`);
    else {
      tell(step.logicalId, type, `${word}_FAILED`, refusal);
      stack.status = FAILED[action];
      tell(stack.name, STACK_TYPE, stack.status);
      return;
    }
  }
  Object.assign(stack, { template, status: `${action}_COMPLETE`, outputs: outputsOf(template, account) });
  tell(stack.name, STACK_TYPE, stack.status);
}

const FAILED = { CREATE: 'ROLLBACK_COMPLETE', UPDATE: 'UPDATE_ROLLBACK_COMPLETE', DELETE: 'DELETE_FAILED' };

/** In CloudFormation's words, what the handler was denied. */
async function refusalOf(step: Step, account: Account, caller: Principal): Promise<string | undefined> {
  if (caller.kind !== 'deployer') return undefined;
  for (const need of await stepNeeds(step)) {
    const decision = decide(account.deployerPolicy, need);
    if (decision === 'allowed') continue;
    const { message } = accessDenied(caller.arn, need.action, need.resource, { decision });
    return `Resource handler returned message: "${message}" (RequestToken: ${randomUUID()}, HandlerErrorCode: AccessDenied)`;
  }
  return undefined;
}

/** What the world has of them, and for others the literal text of the template. */
function outputsOf({ Outputs = {} }: Template, { worldOutputs }: Account): Record<string, string> {
  const texts = Object.entries(Outputs).flatMap(([name, { Value }]) =>
    typeof Value === 'string' ? [[name, Value] as const] : [],
  );
  return { ...Object.fromEntries(texts), ...worldOutputs };
}
