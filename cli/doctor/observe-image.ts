import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import type { GitHubApp } from '../../functions/github/app.ts';
import type { Installation } from '../installation.ts';
import type { ImageFact, InstallationFact, RunnerVersionFact } from './facts.ts';
import { isInRegistry } from './registry.ts';

/** The images of both task definitions. */
export async function readImageNames({ ecs, stack }: Installation): Promise<readonly string[]> {
  const names = await Promise.all(
    ['x64', 'arm64'].map(async (arch) => {
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

/** When GitHub stops to take the version that an image's tag names (github.blog, changelog of 3 September 2026). */
export async function readRunnerVersion(
  app: GitHubApp,
  names: readonly string[],
  installations: readonly InstallationFact[],
): Promise<RunnerVersionFact> {
  const version = names.map((name) => /:v?(\d+\.\d+\.\d+)(?:@|$)/.exec(name)?.[1]).find(Boolean);
  const scope = installations.map(scopeOf).find(Boolean);
  const unknown = { runtimeDeprecatesAtMs: undefined, registrationDeprecatesAtMs: undefined };
  if (version === undefined || scope === undefined) return { version: undefined, ...unknown };
  const { account, isOrganization } = scope.installation;
  const who = {
    owner: account,
    ownerType: isOrganization ? 'Organization' : 'User',
    installationId: undefined,
  } as const;
  const { data } = await app.asInstallation(who, (octokit) =>
    octokit.request('GET /{+scope}/actions/runners/deprecations/{version}', { scope: scope.path, version }),
  );
  const { runtime_deprecates_at: runtime, registration_deprecates_at: registration } = Object(data) as {
    runtime_deprecates_at?: string | null;
    registration_deprecates_at?: string | null;
  };
  return {
    version,
    runtimeDeprecatesAtMs: timeOf(runtime),
    registrationDeprecatesAtMs: timeOf(registration),
  };
}

function scopeOf(installation: InstallationFact) {
  const [first] = installation.repositories;
  if (installation.isSuspended) return undefined;
  if (installation.isOrganization) return { installation, path: `orgs/${installation.account}` };
  return first === undefined ? undefined : { installation, path: `repos/${first.fullName}` };
}

const timeOf = (text: string | null | undefined): number | undefined =>
  text ? Date.parse(text) || undefined : undefined;
