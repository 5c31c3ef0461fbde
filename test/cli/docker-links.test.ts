import { ECSClient } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../cli/deployment.ts';
import { examine } from '../../cli/doctor/link.ts';
import { dockerCapacity, dockerQuota, dockerRole } from '../../cli/doctor/links/docker.ts';
import { openWorld, STACK } from '../contract/aws-harness.ts';

const LINKS = [dockerCapacity, dockerRole, dockerQuota];
const PROVIDER = `${STACK}-docker`;

/** A stage as its deployer sees it, with the deployer's policy alone; the function has these variables. */
async function openStage(environment: Readonly<Record<string, string>>) {
  const { aws } = await openWorld();
  const { accountState, deployerCredentials: credentials, url: endpoint, region } = aws;
  accountState.functions.set(`${STACK}-webhook`, {
    ...{ name: `${STACK}-webhook`, role: '', environment, state: 'Active', lastUpdate: 'Successful' },
    ...{ reservedConcurrency: undefined, eventSource: undefined },
  });
  const config = { endpoint, region, credentials };
  const deployment = { stack: STACK, region, clusterArn: STACK, aws: config, ecs: new ECSClient(config) };
  const look = async () => {
    const found = await examine(LINKS as never, deployment as unknown as Deployment);
    return Object.fromEntries(found.map(({ id, verdict }) => [id, verdict]));
  };
  return { accountState, look };
}

const WITH_DOCKER = { ONESHOT_TASK_DEFINITION_DOCKER_X64: 'arn:aws:ecs:us-east-1:1:task-definition/x:1' };

describe('the doctor of a deployment', () => {
  it('should ask nothing of Docker where there is none', async () => {
    const { look } = await openStage({});
    for (const verdict of Object.values(await look())) expect(verdict).toEqual({ kind: 'ok', seen: 'off' });
  });

  it('should see the capacity of Docker, the role that ends instances and the quota, with the deployer’s policy', async () => {
    const { accountState, look } = await openStage(WITH_DOCKER);
    accountState.managedProviders.set(PROVIDER, 'ACTIVE');
    expect(await look()).toEqual({
      'docker-capacity': { kind: 'ok', seen: PROVIDER },
      'docker-role': { kind: 'ok', seen: 'AWSServiceRoleForECSCompute' },
      'docker-quota': { kind: 'ok', seen: '256 vCPUs at once' },
    });
  });

  it('should tell what is missing, and what follows from it', async () => {
    const { accountState, look } = await openStage(WITH_DOCKER);
    accountState.quotas.set('L-1216C47A', 5);
    expect(await look()).toMatchObject({
      'docker-capacity': { kind: 'fail', seen: expect.stringContaining(`there is no ${PROVIDER}`) },
      'docker-role': { kind: 'skip', because: 'docker-capacity' },
      'docker-quota': { kind: 'warn', seen: expect.stringContaining('5 vCPUs at once') },
    });
    accountState.managedProviders.set(PROVIDER, 'ACTIVE');
    accountState.lacksComputeRole = true;
    expect(await look()).toMatchObject({
      'docker-role': { kind: 'fail', fix: expect.stringContaining('ecs-compute') },
    });
  });
});
