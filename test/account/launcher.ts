import { setTimeout as pause } from 'node:timers/promises';
import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { cpuUnits, memoryMiB } from '../../functions/core/job/sizes.ts';
import type { LaunchOutcome, LaunchSize } from './questions.ts';

interface Deployment {
  readonly aws: { readonly region: string };
  readonly stack: string;
}

/** IAM tells a new role and its policies everywhere within seconds, mostly. */
const SPREAD_MS = 90_000;
const TRY_EVERY_MS = 5_000;

/** A role with the very policies of the function that launches, which the caller may take; Lambda's own nobody else may. */
const roleNameOf = (stack: string): string => `${stack}-asks`;

/** Launches as the function does. Makes the role at the first launch; `removeLauncher` takes it away. */
export function openLauncher(deployment: Deployment): (size: LaunchSize) => Promise<LaunchOutcome> {
  let opened: Promise<{ ecs: ECSClient; environment: Readonly<Record<string, string>> }> | undefined;
  let isSpread = false;
  return async (size) => {
    opened ??= open(deployment);
    const { ecs, environment } = await opened;
    for (const endsAtMs = Date.now() + SPREAD_MS; ; await pause(TRY_EVERY_MS)) {
      const outcome = await launch(ecs, environment, size);
      // A denial says something only once a launch was let through, or could have been.
      if (outcome.kind === 'denied' && !isSpread && Date.now() < endsAtMs) continue;
      isSpread = true;
      return outcome;
    }
  };
}

async function open({ aws, stack }: Deployment) {
  const FunctionName = `${stack}-webhook`;
  const { Role = '', Environment } = await new LambdaClient(aws).send(
    new GetFunctionConfigurationCommand({ FunctionName }),
  );
  const iam = new IAMClient(aws);
  const sts = new STSClient(aws);
  const { Arn: caller } = await sts.send(new GetCallerIdentityCommand({}));
  const RoleName = roleNameOf(stack);
  const trust = { Effect: 'Allow', Principal: { AWS: caller }, Action: 'sts:AssumeRole' };
  const { Role: made } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      Description: `Asks what the functions of ${stack} may do; to be deleted`,
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
  await copyPolicies(iam, Role.split('/').at(-1) ?? '', RoleName);
  const credentials = await assume(sts, made?.Arn ?? '');
  // One attempt: what is refused is told, and not tried again.
  return {
    ecs: new ECSClient({ ...aws, credentials, maxAttempts: 1 }),
    environment: Environment?.Variables ?? {},
  };
}

async function copyPolicies(iam: IAMClient, from: string, to: string): Promise<void> {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: from }));
  for (const PolicyName of PolicyNames) {
    const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName: from, PolicyName }));
    const document = decodeURIComponent(PolicyDocument);
    await iam.send(new PutRolePolicyCommand({ RoleName: to, PolicyName, PolicyDocument: document }));
  }
}

async function assume(sts: STSClient, RoleArn: string) {
  for (const endsAtMs = Date.now() + SPREAD_MS; ; await pause(TRY_EVERY_MS))
    try {
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'asks' }));
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    } catch (error) {
      if (Date.now() > endsAtMs || !isDenied(error)) throw error;
    }
}

const isDenied = (error: unknown): boolean => error instanceof Error && /^AccessDenied/.test(error.name);

async function launch(
  ecs: ECSClient,
  environment: Readonly<Record<string, string>>,
  size: LaunchSize,
): Promise<LaunchOutcome> {
  const list = (name: string) => (environment[name] ?? '').split(',');
  const { vcpu, memoryGiB } = size;
  const { capacityProvider, definition, isPublic, ...docker } = placeOf(size, environment);
  const command = new RunTaskCommand({
    cluster: environment['ONESHOT_CLUSTER'],
    taskDefinition: environment[`ONESHOT_TASK_DEFINITION_${definition}`],
    capacityProviderStrategy: [{ capacityProvider, weight: 1 }],
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: list('ONESHOT_SUBNETS'),
        securityGroups: list('ONESHOT_SECURITY_GROUPS'),
        assignPublicIp: isPublic ? 'ENABLED' : 'DISABLED',
      },
    },
    ...docker.placement,
    overrides: { cpu: cpuUnits(vcpu), memory: memoryMiB(memoryGiB), ...docker.overrides },
  });
  try {
    const { tasks, failures } = await ecs.send(command);
    const taskArn = tasks?.[0]?.taskArn;
    if (taskArn !== undefined) return { kind: 'started', taskArn };
    return { kind: 'refused', reason: failures?.[0]?.reason ?? 'without a reason' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: isDenied(error) ? 'denied' : 'refused', reason };
  }
}

/** As functions/aws/ecs/run-task.ts launches it. */
function placeOf(
  { arch, isSpot, dockerScript }: LaunchSize,
  { ONESHOT_STACK = '', ONESHOT_ASSIGN_PUBLIC_IP }: Readonly<Record<string, string>>,
) {
  const definition = arch.toUpperCase();
  if (dockerScript === undefined)
    return {
      ...{ capacityProvider: isSpot ? 'FARGATE_SPOT' : 'FARGATE', definition },
      isPublic: ONESHOT_ASSIGN_PUBLIC_IP === 'ENABLED',
      ...{ placement: {}, overrides: {} },
    };
  return {
    ...{ capacityProvider: `${ONESHOT_STACK}-docker`, definition: `DOCKER_${definition}`, isPublic: false },
    placement: { group: 'docker', placementConstraints: [{ type: 'distinctInstance' as const }] },
    overrides: { containerOverrides: [{ name: 'runner', command: [dockerScript] }] },
  };
}

/** Takes the role away, if it was made. */
export async function removeLauncher({ aws, stack }: Deployment): Promise<void> {
  const iam = new IAMClient(aws);
  const RoleName = roleNameOf(stack);
  try {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    for (const PolicyName of PolicyNames)
      await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
  } catch (error) {
    if (!(error instanceof Error && error.name.startsWith('NoSuchEntity'))) throw error;
  }
}
