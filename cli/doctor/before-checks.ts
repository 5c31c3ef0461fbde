import { CONCURRENCY_CHECK, IDENTITY_CHECK, WHOLE } from './account-checks.ts';
import type { BeforeFacts } from './before-facts.ts';
import { type Check, fail, judged, ok, type Verdict, warn } from './checks.ts';
import { askForMore, QUOTAS, type QuotaName } from './quotas.ts';

type BeforeCheck = Check<BeforeFacts>;

/** Whether an account is ready for a deployment. Nothing is made by looking. */
export const BEFORE_CHECKS: readonly BeforeCheck[] = [
  IDENTITY_CHECK,
  {
    id: 'stack',
    title: 'no broken stack is in the way',
    tries: 'cloudformation:DescribeStacks',
    needs: ['identity'],
    judge: ({ stack }) =>
      judged(stack, 'is CloudFormation up (health.aws.amazon.com)?', (found) => {
        if (found === undefined) return ok('none of this name yet');
        const { status, isMade } = found;
        if (!WHOLE.has(status)) return fail(status, BROKEN_STACK_FIX);
        return ok(isMade ? `deployed already: ${status}` : `${status}, and nothing is made yet`);
      }),
  },
  CONCURRENCY_CHECK,
  vcpus(
    'quota',
    'Fargate has room for jobs',
    'onDemandVcpus',
    'wait for an answer before the first job',
    () => true,
  ),
  vcpus(
    'spot-quota',
    'Fargate Spot has room for jobs',
    'spotVcpus',
    'or set limits.spot: false in runners.yml',
    ({ usesSpot }) => usesSpot,
  ),
  room('vpcs', 'the region has room for a VPC', 'ec2:DescribeVpcs'),
  room('addresses', 'the region has addresses for NAT', 'ec2:DescribeAddresses'),
  builds('x64Builds', 'CodeBuild may build for x64'),
  builds('arm64Builds', 'CodeBuild may build for arm64'),
  {
    id: 'guardduty',
    title: 'what GuardDuty will do is known',
    tries: 'ec2:DescribeVpcEndpoints with its tag GuardDutyManaged',
    needs: ['identity'],
    judge: ({ watchedVpcs, wanted }) =>
      judged(watchedVpcs, 'is EC2 up (health.aws.amazon.com)?', (count) => {
        if (count === 0) return ok('it keeps no endpoint in this region');
        return ok(
          wanted.network === 'existing'
            ? `it watches ${count} VPCs here; yours is left alone`
            : `it watches ${count} VPCs here, and will ours: a removal deletes what it puts there`,
        );
      }),
  },
];

const BROKEN_STACK_FIX =
  'wait if it is still at work; else its events in CloudFormation name the cause: remove it (oneshot teardown), then deploy';

/** Below it a matrix of any size waits. */
const SMALL_QUOTA_VCPUS = 16;

function vcpus(
  id: string,
  title: string,
  quota: QuotaName,
  otherwise: string,
  isNeeded: (wanted: BeforeFacts['wanted']) => boolean,
): BeforeCheck {
  return {
    ...{ id, title, needs: ['identity'] },
    tries: `servicequotas:GetServiceQuota of ${QUOTAS[quota].name}`,
    judge: ({ quotas, wanted, region }) => {
      if (!isNeeded(wanted)) return ok('not used');
      return judged(quotas[quota], 'is Service Quotas up (health.aws.amazon.com)?', (count) => {
        const { largestVcpu } = wanted;
        const fix = `${askForMore(quota, Math.max(SMALL_QUOTA_VCPUS, largestVcpu), region)}; ${otherwise}`;
        const told = `${count} vCPUs at once`;
        if (count < largestVcpu) return fail(`${told}, and a job may ask for ${largestVcpu}`, fix);
        return count < SMALL_QUOTA_VCPUS ? warn(`${told}: further jobs wait`, fix) : ok(told);
      });
    },
  };
}

/** Whether as many as are wanted can be made beside those that are there. */
function room(what: 'vpcs' | 'addresses', title: string, action: string): BeforeCheck {
  return {
    ...{ id: what, title, needs: ['identity'] },
    tries: `${action}, and servicequotas:GetServiceQuota of ${QUOTAS[what].name}`,
    judge: (facts): Verdict => {
      const wanted = isDeployed(facts) ? 0 : facts.wanted[what];
      if (wanted === 0) return ok('no more are needed');
      return judged(facts[what], 'is EC2 up (health.aws.amazon.com)?', (used) =>
        judged(facts.quotas[what], 'is Service Quotas up (health.aws.amazon.com)?', (most) => {
          const told = `${used} of ${most} are used, ${wanted} needed`;
          const fix = `${askForMore(what, used + wanted, facts.region)}; or remove one, or deploy with ${WITHOUT[what]}`;
          return used + wanted > most ? fail(told, fix) : ok(told);
        }),
      );
    },
  };
}

const WITHOUT = { vpcs: 'network=existing', addresses: 'network=public' } as const;

/** A stack that is there has its VPC and addresses already. */
const isDeployed = ({ stack }: BeforeFacts): boolean => stack.kind === 'read' && stack.value?.isMade === true;

function builds(quota: 'x64Builds' | 'arm64Builds', title: string): BeforeCheck {
  return {
    ...{ id: quota === 'x64Builds' ? 'builds-x64' : 'builds-arm64', title, needs: ['identity'] },
    tries: `servicequotas:GetServiceQuota of ${QUOTAS[quota].name}`,
    judge: ({ quotas, wanted, region }) => {
      if (!wanted.hasPipeline) return ok('no image pipeline');
      return judged(quotas[quota], 'is Service Quotas up (health.aws.amazon.com)?', (count) =>
        count >= 1
          ? ok(`${count} at once`)
          : fail(
              'none: a new account may have no builds, and StartBuild is refused',
              `${askForMore(quota, 1, region)}; until then deploy with imagePipeline=disabled`,
            ),
      );
    },
  };
}
