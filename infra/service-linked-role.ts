import { CreateServiceLinkedRoleCommand, GetRoleCommand, type IAMClient } from '@aws-sdk/client-iam';

/** Of ECS, in every account (Amazon ECS Developer Guide, "Using service-linked roles"). */
const ROLE = 'AWSServiceRoleForECS';

/**
 * Makes the role that ECS itself uses, unless it is there. In an account that never had a cluster the first one makes
 * it, and fails because it is too new to be assumed (cloudformation-coverage-roadmap#818). A resource of the stack it
 * cannot be: there is one in an account, which may be there already, and other clusters need it when this stack is
 * removed.
 *
 * Says what is worth knowing.
 */
export async function makeServiceLinkedRole(iam: IAMClient): Promise<string | undefined> {
  const looked = await outcome(iam.send(new GetRoleCommand({ RoleName: ROLE })));
  if (looked === 'done') return undefined;
  const made = await outcome(
    iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'ecs.amazonaws.com' })),
  );
  if (made === 'done') return 'Made the service-linked role of ECS, which this account did not have yet';
  return made === 'denied' ? DENIED : undefined;
}

/** Not found, and there already, are answers; what else goes wrong is an error. */
async function outcome(call: Promise<unknown>): Promise<'done' | 'denied' | 'not-found' | 'there'> {
  try {
    await call;
    return 'done';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name.startsWith('AccessDenied')) return 'denied';
    if (error.name.startsWith('NoSuchEntity')) return 'not-found';
    // "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."
    if (/has been taken|already exists/.test(error.message)) return 'there';
    throw error;
  }
}

const DENIED =
  'Could not make the service-linked role of ECS: iam:CreateServiceLinkedRole is not allowed. That is fine where ' +
  'there is an ECS cluster already. Elsewhere the first deployment fails with "Unable to assume the service linked ' +
  'role": have somebody run "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com".';
