import { setTimeout as pause } from 'node:timers/promises';
import { DeleteParametersCommand, GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { stopTask } from '../../functions/aws/ecs/tasks.ts';
import { parseRunnerName } from '../../functions/core/job/identity.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import type { GitHubApp } from '../../functions/github/app.ts';
import { listRegistrations, removeRunner } from '../../functions/github/runners.ts';
import { listScopes } from '../../functions/github/scopes.ts';
import { runOsls } from '../deploy/osls.ts';
import type { Deployment } from '../deployment.ts';
import { CliError } from '../errors.ts';
import { readTaskFacts } from '../observe/look.ts';

/** Names of the parameters of this stage and no other: the path ends before the next stage's name begins. */
export async function listParameters(ssm: SSMClient, path: string): Promise<string[]> {
  const names: string[] = [];
  for (let token: string | undefined; ; ) {
    const { Parameters = [], NextToken } = await ssm.send(
      new GetParametersByPathCommand({ Path: path, ...(token !== undefined && { NextToken: token }) }),
    );
    names.push(...Parameters.flatMap(({ Name }) => Name ?? []));
    if (NextToken === undefined) return names;
    token = NextToken;
  }
}

/** SSM's limit for one call. */
const AT_ONCE = 10;

export async function deleteParameters(ssm: SSMClient, names: readonly string[]): Promise<void> {
  for (let start = 0; start < names.length; start += AT_ONCE)
    await ssm.send(new DeleteParametersCommand({ Names: names.slice(start, start + AT_ONCE) }));
}

const LOOK_EVERY_MS = 500;
const LONGEST_MS = 5 * 60_000;

/**
 * Ends all tasks and removes the stack: osls does both (infra/account-plugin.js). The embedded world has no stack; there
 * only the tasks are stopped. Throws CliError where that fails.
 */
export async function removeStack(deployment: Deployment, stage: string, isQuiet: boolean): Promise<void> {
  if (deployment.isLocal) return stopAll(deployment);
  await removeDeployed(deployment, stage, isQuiet);
}

/** As `removeStack`, of what is deployed, whether or not its deployment came to its end. */
export function removeDeployed(
  { region, stack }: Pick<Deployment, 'region' | 'stack'>,
  stage: string,
  isQuiet: boolean,
): Promise<void> {
  return runOsls({
    args: ['remove'],
    stage,
    region,
    isQuiet,
    failure: `the stack ${stack} was not removed`,
  });
}

async function stopAll(deployment: Deployment): Promise<void> {
  const told = new Set<string>();
  for (const endsAtMs = Date.now() + LONGEST_MS; Date.now() < endsAtMs; await pause(LOOK_EVERY_MS)) {
    const live = (await readTaskFacts(deployment)).filter(({ lastStatus }) => lastStatus !== 'STOPPED');
    if (live.length === 0) return;
    for (const { taskArn } of live)
      if (!told.has(taskArn))
        await stopTask(deployment.ecs, deployment.clusterArn, taskArn, 'oneshot teardown');
    for (const { taskArn } of live) told.add(taskArn);
  }
  throw new CliError('tasks do not stop', 'run the same command again');
}

/** A name that can never be anybody's (RFC 2606): GitHub has no call that takes a webhook away. */
const NOWHERE = 'https://webhook-removed.invalid/';

/** Nobody who is given our API's old address by AWS is to get our deliveries. */
export async function detachWebhook({ asApp }: GitHubApp): Promise<void> {
  await asApp.request('PATCH /app/hook/config', { data: { url: NOWHERE } });
}

export interface RemovedRunners {
  readonly removed: readonly string[];
  /** Those that GitHub would not remove, with its words. */
  readonly left: readonly string[];
}

/** Removes the registrations whose names have this prefix. One that fails holds up no other. */
export async function removeRunners(app: GitHubApp, policy: Policy, prefix: string): Promise<RemovedRunners> {
  const isOurs = (name: string) => parseRunnerName(prefix, name) !== undefined;
  const [removed, left]: [string[], string[]] = [[], []];
  const { items: scopes, errors } = await listScopes(app, policy);
  left.push(...errors.map(({ message }) => message));
  for (const where of scopes)
    for (const { account, scope, runnerId, runnerName } of await listRegistrations(app, where, isOurs))
      await removeRunner(app, account, scope, runnerId).then(
        () => removed.push(runnerName),
        (error: unknown) => left.push(`${runnerName}: ${error instanceof Error ? error.message : error}`),
      );
  return { removed, left };
}
