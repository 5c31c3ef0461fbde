import { DescribeCapacityProvidersCommand } from '@aws-sdk/client-ecs';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { widestTerms } from '../../../functions/core/job/rules.ts';
import { counted } from '../../../functions/core/words/count.ts';
import { dockerCapacityOf } from '../../../infra/docker-capacity.ts';
import { dockerLimitsOf } from '../../../infra/runners.ts';
import { fail, judged, type Look, link, looked, ok, type Reading, type Verdict, warn } from '../link.ts';
import { askForMore, QUOTAS, QUOTAS_UNREAD, readQuota } from '../quotas.ts';
import { readWebhookFunction } from './functions.ts';
import { REGION } from './identity.ts';
import { POLICY } from './policy.ts';

/** A deployment without Docker, of which nothing is asked. */
export const OFF = 'off';

/** Whether the functions launch tasks with Docker. */
const HAS_DOCKER = looked('lambda:GetFunctionConfiguration', async (_, ask) => {
  const { Environment } = await ask(readWebhookFunction);
  return Environment?.Variables?.['ONESHOT_TASK_DEFINITION_DOCKER_X64'] !== undefined;
});

/** What is looked at only where there is Docker. */
const withDocker =
  <T>(reading: Reading<Look<T>>): Reading<Look<T | typeof OFF>> =>
  async (deployment, ask) => {
    const has = await ask(HAS_DOCKER);
    if (has.kind !== 'read') return has;
    return has.value ? reading(deployment, ask) : { kind: 'read', value: OFF };
  };

interface Capacity {
  readonly name: string;
  /** As ECS tells it; `missing` where there is none. */
  readonly status: string;
}

const DOCKER_CAPACITY = withDocker<Capacity>(
  looked('ecs:DescribeCapacityProviders', async ({ ecs, clusterArn: cluster }) => {
    const name = dockerCapacityOf(cluster);
    const command = new DescribeCapacityProvidersCommand({ capacityProviders: [name], cluster });
    const { capacityProviders = [] } = await ecs.send(command);
    return { name, status: capacityProviders.find((one) => one.name === name)?.status ?? 'missing' };
  }),
);

/** ECS makes it with an account's first provider of Managed Instances (AWS-72). */
const COMPUTE_ROLE = 'AWSServiceRoleForECSCompute';

const DOCKER_ROLE = withDocker(
  looked('iam:GetRole', async ({ aws }) => {
    const asked = new IAMClient(aws).send(new GetRoleCommand({ RoleName: COMPUTE_ROLE }));
    return asked.then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && error.name.startsWith('NoSuchEntity')) return false;
        throw error;
      },
    );
  }),
);

const DOCKER_QUOTA = withDocker(
  looked('servicequotas:GetServiceQuota', ({ aws }) => readQuota(aws, 'dockerVcpus')),
);

/** Says `off` of what is not there, and judges what is. */
const unlessOff = <T>(look: Look<T | typeof OFF>, fix: string, judge: (value: T) => Verdict): Verdict =>
  judged(look, fix, (value) => (value === OFF ? ok(OFF) : judge(value as T)));

const AGAIN = 'deploy with docker=disabled, then with docker=enabled: CloudFormation makes it again';

export const dockerCapacity = link({
  id: 'docker-capacity',
  title: 'jobs with Docker have their capacity',
  tries: 'ecs:DescribeCapacityProviders',
  needs: ['cluster', 'functions'],
  reads: { dockerCapacity: DOCKER_CAPACITY, policy: POLICY },
  judge: ({ dockerCapacity: capacity, policy }) => {
    const isOff = capacity.kind === 'read' && capacity.value === OFF;
    const isNamed = policy.kind === 'read' && widestTerms(policy.value).docker.repositories.length > 0;
    return isOff && isNamed ? NOBODY_SERVED : judgeCapacity(capacity);
  },
});

const NOBODY_SERVED = warn(
  'off, and runners.yml gives Docker to repositories',
  'deploy with docker=enabled, or take them out of docker.repositories and of rules',
);

const judgeCapacity = (look: Look<Capacity | typeof OFF>): Verdict =>
  unlessOff(look, 'check whether ECS is up (health.aws.amazon.com)', ({ name, status }) => {
    if (status === 'ACTIVE') return ok(name);
    if (status === 'PROVISIONING') return warn(`${name} is being made`, 'wait a minute, then run it again');
    const told = status === 'missing' ? `there is no ${name}` : `${name} is ${status}`;
    return fail(`${told}: a removal was interrupted, or somebody deleted it`, AGAIN);
  });

export const dockerRole = link({
  id: 'docker-role',
  title: 'ECS may take instances away',
  tries: `iam:GetRole of ${COMPUTE_ROLE}`,
  needs: ['docker-capacity'],
  reads: { dockerRole: DOCKER_ROLE },
  judge: (seen) =>
    unlessOff(seen.dockerRole, 'check whether IAM is up (health.aws.amazon.com)', (isThere) =>
      isThere
        ? ok(COMPUTE_ROLE)
        : fail(
            `there is no ${COMPUTE_ROLE}: instances would stay, and cost money`,
            'have somebody run "aws iam create-service-linked-role --aws-service-name ecs-compute.amazonaws.com"',
          ),
    ),
});

export const dockerQuota = link({
  id: 'docker-quota',
  title: 'EC2 has room for jobs with Docker',
  tries: `servicequotas:GetServiceQuota of ${QUOTAS.dockerVcpus.name}`,
  needs: ['identity'],
  reads: { dockerVcpus: DOCKER_QUOTA, policy: POLICY, region: REGION },
  judge: ({ dockerVcpus, policy, region }) =>
    unlessOff(dockerVcpus, QUOTAS_UNREAD, (count) => {
      const largest = policy.kind === 'read' ? dockerLimitsOf(policy.value).maximumInstanceVcpu : 0;
      const told = `${counted(count, 'vCPU')} at once`;
      if (count >= largest) return ok(told);
      return warn(
        `${told}, and a job may need an instance of ${largest}`,
        askForMore('dockerVcpus', largest, region),
      );
    }),
});
