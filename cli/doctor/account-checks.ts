import { type Check, fail, judged, ok, warn } from './checks.ts';
import type { AccountFacts } from './facts.ts';
import { askForMore } from './quotas.ts';

/** Statuses in which a stack is whole (CloudFormation user guide, Stack status codes). */
export const WHOLE: ReadonlySet<string> = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
]);

export const IDENTITY_CHECK: Check<Pick<AccountFacts, 'identity'>> = {
  id: 'identity',
  title: 'AWS knows who asks',
  tries: 'sts:GetCallerIdentity with the credentials of this shell',
  needs: [],
  judge: ({ identity }) =>
    judged(identity, 'sign in (aws sso login, or AWS_PROFILE), and give --region', ({ arn, region }) =>
      ok(`${arn} in ${region}`),
    ),
};

/** Who asks, what is deployed, and whether it may run. */
export const ACCOUNT_CHECKS: readonly Check[] = [
  IDENTITY_CHECK,
  {
    id: 'stack',
    title: 'the stack is whole',
    tries: 'cloudformation:DescribeStacks',
    needs: ['identity'],
    judge: ({ stack }) =>
      judged(stack, 'deploy it, or name the right --stage and --region', ({ status, reason = '' }) => {
        if (WHOLE.has(status)) return ok(status);
        return status.endsWith('_IN_PROGRESS')
          ? warn(status, 'wait until it has ended, then look again')
          : fail(
              `${status} ${reason}`.trim(),
              'CloudFormation’s events name the cause; mend it and deploy again',
            );
      }),
  },
  {
    id: 'functions',
    title: 'the functions are there and open',
    tries: 'lambda:GetFunctionConfiguration and lambda:GetFunctionConcurrency of each',
    needs: ['stack'],
    judge: ({ functions }) =>
      judged(functions, 'deploy again', (all) => {
        const missing = all.filter(({ state }) => state === undefined).map(({ name }) => name);
        if (missing.length > 0) return fail(`missing: ${missing.join(', ')}`, 'deploy again');
        const closed = all.filter(({ isClosed }) => isClosed).map(({ name }) => name);
        if (closed.length > 0)
          return fail(
            `closed: ${closed.join(', ')} (their reserved concurrency is 0)`,
            'a removal was broken off, or somebody closed them: deploy again, which opens them',
          );
        const broken = all.filter(({ state, lastUpdate }) => state === 'Failed' || lastUpdate === 'Failed');
        return broken.length === 0
          ? ok(all.map(({ name }) => name).join(', '))
          : fail(`failed: ${broken.map(({ name }) => name).join(', ')}`, 'deploy again');
      }),
  },
];

/** Below it a burst of deliveries meets the account's limit: a matrix of 256 jobs sends 256 in seconds. */
const LEAST_CONCURRENCY = 50;
/** Below it a matrix of any size waits: new accounts have as little. */
const SMALL_QUOTA_VCPUS = 16;
const THROUGHPUT_FIX =
  'switch higher throughput on (Systems Manager, Parameter Store, Settings); each read then costs $0.05 per 10,000';

const regionOf = (identity: AccountFacts['identity']): string =>
  identity.kind === 'read' ? identity.value.region : 'REGION';

export const CONCURRENCY_CHECK: Check<Pick<AccountFacts, 'concurrency' | 'identity'>> = {
  id: 'concurrency',
  title: 'Lambda has room for deliveries',
  tries: 'lambda:GetAccountSettings',
  needs: ['identity'],
  judge: ({ concurrency, identity }) =>
    judged(concurrency, 'is Lambda up (health.aws.amazon.com)?', (count) =>
      count >= LEAST_CONCURRENCY
        ? ok(`${count} at once`)
        : warn(
            `${count} functions at once in all the account: a burst of deliveries is answered 503`,
            askForMore('functions', 1000, regionOf(identity)),
          ),
    ),
};

/** What the account leaves room for, and what its roles may do. */
export const ROOM_CHECKS: readonly Check[] = [
  CONCURRENCY_CHECK,
  {
    id: 'quota',
    title: 'Fargate has room for jobs',
    tries: 'servicequotas:GetServiceQuota of Fargate',
    needs: ['identity'],
    judge: ({ vcpuQuotas, policy, identity }) =>
      judged(vcpuQuotas, 'is Service Quotas up (health.aws.amazon.com)?', ({ onDemand, spot }) => {
        const told = `${onDemand} vCPUs on demand, ${spot} on Spot`;
        const more = (name: 'onDemandVcpus' | 'spotVcpus') =>
          askForMore(name, SMALL_QUOTA_VCPUS, regionOf(identity));
        if (onDemand < SMALL_QUOTA_VCPUS) return warn(told, more('onDemandVcpus'));
        const usesSpot = policy.kind === 'read' && policy.value.limits.spot;
        return usesSpot && spot < SMALL_QUOTA_VCPUS
          ? warn(told, `${more('spotVcpus')}; or limits.spot: false in runners.yml`)
          : ok(told);
      }),
  },
  {
    id: 'parameter-reads',
    title: 'Parameter Store has room for cold starts',
    tries: 'ssm:GetServiceSetting of its throughput, and throttles in the functions’ logs of the last hour',
    needs: ['identity'],
    judge: ({ hasParameterThroughput, errors }) =>
      judged(hasParameterThroughput, 'is Systems Manager up (health.aws.amazon.com)?', (isRaised) => {
        // docs.aws.amazon.com, Systems Manager quotas: 40 Get calls a second, shared by the account.
        if (isRaised) return ok('higher throughput is switched on');
        const isThrottled = errors.some((error) => /\bssm\b.*(throttl|rate exceeded)/i.test(error));
        return isThrottled
          ? warn('40 reads a second were not enough: deliveries were answered 503', THROUGHPUT_FIX)
          : ok('40 reads a second');
      }),
  },
  {
    id: 'roles',
    title: 'the functions’ roles may do their work',
    tries: 'iam:SimulatePrincipalPolicy of their roles',
    needs: ['functions'],
    judge: ({ denied }) =>
      judged(denied, 'deploy again', (actions) =>
        actions.length === 0
          ? ok('by simulation')
          : fail(
              `denied: ${actions.join(', ')}`,
              'a boundary, an organisation’s policy or a change by hand takes them away: restore them, or deploy again',
            ),
      ),
  },
];
