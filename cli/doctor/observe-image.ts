import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { readImageVersions } from '../../functions/aws/image-versions.ts';
import type { RegistrationScope } from '../../functions/core/ports.ts';
import { runnerVersionOf } from '../../functions/core/task/runner-version.ts';
import type { GitHubApp } from '../../functions/github/app.ts';
import { readVersionEnd } from '../../functions/github/runner-version.ts';
import type { Deployment } from '../deployment.ts';
import type { ImageFact, InstallationFact, RunnerVersionFact } from './facts.ts';
import { isInRegistry } from './registry.ts';

/** The images of the task definitions: one for each architecture that the policy allows. */
export async function readImageNames(
  { ecs, stack }: Deployment,
  hasArm64: boolean,
): Promise<readonly string[]> {
  const names = await Promise.all(
    ['x64', ...(hasArm64 ? ['arm64'] : [])].map(async (arch) => {
      const command = new DescribeTaskDefinitionCommand({ taskDefinition: `${stack}-${arch}` });
      const { taskDefinition } = await ecs.send(command);
      return taskDefinition?.containerDefinitions?.[0]?.image ?? 'none';
    }),
  );
  return [...new Set(names)];
}

/** Asks each image's registry; nobody pulls in the embedded world. */
export function askRegistries(names: readonly string[], isLocal: boolean): Promise<ImageFact[]> {
  return Promise.all(
    names.map(async (name) => ({ name, isThere: isLocal ? undefined : await isInRegistry(name) })),
  );
}

/** When GitHub stops to take the version that an image's tag names, or that the pipeline built last. */
export async function readRunnerVersion(
  { ssm, parameterPath }: Pick<Deployment, 'ssm' | 'parameterPath'>,
  app: GitHubApp,
  names: readonly string[],
  installations: readonly InstallationFact[],
): Promise<RunnerVersionFact> {
  const tagged = names.map(runnerVersionOf).find(Boolean);
  const version = tagged ?? (await readImageVersions(ssm, parameterPath)).toSorted(byVersion)[0];
  const scope = installations.map(scopeOf).find(Boolean);
  if (version === undefined || scope === undefined) return { version: undefined, endsAtMs: undefined };
  return { version, endsAtMs: await readVersionEnd(app, scope, version) };
}

/** Older first. */
const byVersion = (one: string, other: string): number => one.localeCompare(other, 'en', { numeric: true });

function scopeOf(installation: InstallationFact): RegistrationScope | undefined {
  const { account: owner, isOrganization, isSuspended, repositories } = installation;
  if (isSuspended) return undefined;
  const ownerType = isOrganization ? 'Organization' : 'User';
  const account = { owner, ownerType, installationId: undefined } as const;
  if (isOrganization) return { account, scope: `orgs/${owner}` };
  const name = repositories[0]?.fullName.split('/')[1];
  return name === undefined ? undefined : { account, scope: `repos/${owner}/${name}` };
}
