import { randomUUID } from 'node:crypto';
import { NO_TEMPLATE, resolveTemplate, type Template } from '../../../infra/template.ts';
import { planChange, type Step, stepNeeds } from '../cloudformation/change.ts';
import { nameOf, type Site } from '../cloudformation/names.ts';
import { accessDenied } from '../errors.ts';
import { decide } from '../iam/evaluate.ts';
import type { Principal } from '../keyring.ts';
import type { Account, Stack, StackEvent } from './account.ts';

const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** Where a stack is, with what it is made of: what its conditions rule out is not there. */
export const siteOf = (account: Account, { name, template = NO_TEMPLATE }: Stack): Site => ({
  stack: name,
  region: account.region,
  account: account.id,
  resources: resolved(account, template).Resources,
});

const resolved = ({ region }: Account, template: Template): Template =>
  resolveTemplate(template, { region, partition: 'aws' });

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
    void events.push({ id: randomUUID(), logicalId, type, status, ...(reason !== undefined && { reason }) });
  tell(stack.name, STACK_TYPE, `${action}_IN_PROGRESS`);
  for (const step of planChange(siteOf(account, stack), siteOf(account, { ...stack, template }))) {
    const refusal = await refusalOf(step, account, caller);
    const type = step.site.resources[step.logicalId]?.Type ?? '';
    const word = step.operation === 'read' ? action : step.operation.toUpperCase();
    if (refusal === undefined) makeOrDelete(step, account);
    // To read what was made is part of making it.
    if (refusal === undefined && step.operation !== 'read') tell(step.logicalId, type, `${word}_COMPLETE`);
    if (refusal !== undefined) {
      tell(step.logicalId, type, `${word}_FAILED`, refusal);
      if (action !== 'DELETE') tell(stack.name, STACK_TYPE, ROLLBACK[action]);
      stack.status = FAILED[action];
      tell(stack.name, STACK_TYPE, stack.status);
      return;
    }
  }
  Object.assign(stack, { template, status: `${action}_COMPLETE`, outputs: outputsOf(account, template) });
  tell(stack.name, STACK_TYPE, stack.status);
}

/** Of a stack's resources the world has one that comes and goes: the provider of Managed Instances. */
function makeOrDelete({ site, logicalId, operation }: Step, { managedProviders }: Account): void {
  if (site.resources[logicalId]?.Type !== 'AWS::ECS::CapacityProvider') return;
  const name = nameOf(site, logicalId);
  if (operation === 'create') managedProviders.set(name, 'ACTIVE');
  if (operation === 'delete') managedProviders.delete(name);
}

const ROLLBACK = { CREATE: 'ROLLBACK_IN_PROGRESS', UPDATE: 'UPDATE_ROLLBACK_IN_PROGRESS' };
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
export function outputsOf(account: Account, template: Template): Record<string, string> {
  const { Outputs = {} } = resolved(account, template);
  const texts = Object.entries(Outputs).flatMap(([name, { Value }]) =>
    typeof Value === 'string' ? [[name, Value] as const] : [],
  );
  return { ...Object.fromEntries(texts), ...account.worldOutputs };
}
