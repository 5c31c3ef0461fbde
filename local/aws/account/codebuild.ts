import {
  BatchGetBuilds$,
  type BatchGetBuildsInput,
  type BatchGetBuildsOutput,
  type Build,
  type BuildPhase,
  ListBuildsForProject$,
  type ListBuildsForProjectInput,
  type ListBuildsForProjectOutput,
  StartBuild$,
  type StartBuildInput,
  type StartBuildOutput,
} from '@aws-sdk/client-codebuild';
import { AwsError } from '../errors.ts';
import { operation, type Service } from '../service.ts';
import type { Account, BuildRecord } from './account.ts';

/** CodeBuild, as far as the image's pipeline is started and watched. A build gets one phase further each time it is shown. */
export function createCodeBuild(account: Account): Service {
  return {
    api: 'codebuild',
    target: 'CodeBuild_20161006',
    jsonVersion: '1.1',
    internalError: 'InternalFailure',
    invalid: (problem) => new AwsError('InvalidInputException', problem.message),
    operations: {
      StartBuild: operation<StartBuildInput, StartBuildOutput>(StartBuild$, ({ projectName = '' }) => {
        const builds = buildsOf(account, projectName);
        // "If the current build count meets this limit, new builds are throttled and are not run" (concurrentBuildLimit).
        if (builds.some(({ shown }) => shown < PHASES.length - 1))
          throw new AwsError('AccountLimitExceededException', 'Cannot have more than 1 builds in queue');
        const id = `${projectName}:00000000-0000-4000-8000-${String(builds.length).padStart(12, '0')}`;
        builds.unshift({ id, verdict: account.nextBuild, shown: 0 });
        return { build: show(account, projectName, builds[0] as BuildRecord) };
      }),
      BatchGetBuilds: operation<BatchGetBuildsInput, BatchGetBuildsOutput>(
        BatchGetBuilds$,
        ({ ids = [] }) => ({
          builds: ids.flatMap((id) => {
            const project = id.split(':')[0] ?? '';
            return buildsOf(account, project)
              .filter((build) => build.id === id)
              .map((build) => {
                build.shown = Math.min(build.shown + 1, PHASES.length - 1);
                return show(account, project, build);
              });
          }),
        }),
      ),
      ListBuildsForProject: operation<ListBuildsForProjectInput, ListBuildsForProjectOutput>(
        ListBuildsForProject$,
        ({ projectName = '' }) => ({ ids: buildsOf(account, projectName).map(({ id }) => id) }),
      ),
    },
  };
}

const PHASES = ['QUEUED', 'PROVISIONING', 'BUILD', 'COMPLETED'] as const;

function buildsOf({ imageBuilds, region, id }: Account, project: string): BuildRecord[] {
  const builds = imageBuilds.get(project);
  if (builds !== undefined) return builds;
  const arn = `arn:aws:codebuild:${region}:${id}:project/${project}`;
  throw new AwsError('ResourceNotFoundException', `Project cannot be found: ${arn}`);
}

function show(
  { region, id: account }: Account,
  projectName: string,
  { id, verdict, shown }: BuildRecord,
): Build {
  const isOver = shown === PHASES.length - 1;
  const failure: BuildPhase = {
    phaseType: 'BUILD',
    phaseStatus: 'FAILED',
    contexts: [{ message: 'exit status 1' }],
  };
  return {
    id,
    projectName,
    arn: `arn:aws:codebuild:${region}:${account}:build/${id}`,
    currentPhase: PHASES[shown] ?? 'COMPLETED',
    buildComplete: isOver,
    buildStatus: isOver ? verdict : 'IN_PROGRESS',
    phases: isOver && verdict === 'FAILED' ? [failure] : [],
    logs: { deepLink: `https://console.aws.amazon.com/cloudwatch/home?region=${region}#logEvent:${id}` },
  };
}
