import { AwsError } from '../errors.ts';
import { allowedTo } from '../policy.ts';
import type { Account } from './account.ts';
import type { Xml } from './xml.ts';

/** `Names.member.1`, `Names.member.2`, ... */
export function listOf(input: URLSearchParams, prefix: string): string[] {
  const values: string[] = [];
  for (let index = 1; input.has(`${prefix}.${index}`); index += 1)
    values.push(input.get(`${prefix}.${index}`) ?? '');
  return values;
}

export const iamActions = {
  SimulatePrincipalPolicy: simulate,
  CreateServiceLinkedRole: (_: URLSearchParams, account: Account) => {
    account.hasEcsRole = true;
    return { Role: { RoleName: ECS_ROLE } };
  },
  GetRole: (input: URLSearchParams, account: Account) => {
    const name = input.get('RoleName') ?? '';
    if (SERVICE_LINKED[name]?.(account)) return { Role: { RoleName: name } };
    throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
  },
};

const ECS_ROLE = 'AWSServiceRoleForECS';

/** Whether the account has it. ECS makes the second with the first provider of Managed Instances, and deletes it with the last (AWS-72). */
const SERVICE_LINKED: Readonly<Record<string, (account: Account) => boolean>> = {
  [ECS_ROLE]: ({ hasEcsRole }) => hasEcsRole,
  AWSServiceRoleForECSCompute: ({ managedProviders, lacksComputeRole }) =>
    managedProviders.size > 0 && !lacksComputeRole,
};

/** By what the roles of the functions may call here; conditions are not looked at. */
function simulate(input: URLSearchParams, { functions, denied }: Account) {
  const source = input.get('PolicySourceArn') ?? '';
  if (![...functions.values()].some(({ role }) => role === source))
    throw new AwsError('NoSuchEntity', `The role with ARN ${source} cannot be found.`, 404);
  const resources = listOf(input, 'ResourceArns.member');
  const actions = listOf(input, 'ActionNames.member');
  if (actions.length === 0)
    throw new AwsError('ValidationError', 'ActionNames must have at least one member');
  const results = actions.flatMap((action) =>
    (resources.length > 0 ? resources : ['*']).map((resource): Xml => {
      const decision = denied.has(action) ? 'explicitDeny' : 'implicitDeny';
      const isAllowed = !denied.has(action) && allowedTo('functions', action);
      return {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: isAllowed ? 'allowed' : decision,
      };
    }),
  );
  return { EvaluationResults: { member: results }, IsTruncated: false };
}
