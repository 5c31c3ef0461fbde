import {
  BatchGetBuildsCommand,
  type Build,
  type CodeBuildClient,
  ListBuildsForProjectCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import { CliError, EXIT } from '../errors.ts';
import type { Output } from '../output.ts';
import { poll } from '../setup/steps.ts';

/** Those of infra/image.yml; in a region without arm64 there is no second one. */
const ARCHITECTURES = ['x64', 'arm64'] as const;
const projectsOf = (stack: string): string[] => ARCHITECTURES.map((arch) => `${stack}-image-${arch}`);

/** A build as it is told. */
export interface BuildView {
  readonly id: string;
  readonly project: string;
  readonly phase: string;
  /** CodeBuild's word; `IN_PROGRESS` until the end. */
  readonly status: string;
  readonly isOver: boolean;
  /** Why it failed, in CodeBuild's words. */
  readonly problem: string | undefined;
  readonly logUrl: string | undefined;
}

/** Starts a build for each architecture of the stack. Throws CliError where there is no pipeline, or a build runs. */
export async function startBuilds(
  client: CodeBuildClient,
  stack: string,
  runnerVersion?: string,
): Promise<BuildView[]> {
  const environmentVariablesOverride = runnerVersion && [{ name: 'RUNNER_VERSION', value: runnerVersion }];
  const started: BuildView[] = [];
  for (const projectName of projectsOf(stack)) {
    const command = new StartBuildCommand({
      projectName,
      ...(environmentVariablesOverride && { environmentVariablesOverride }),
    });
    const answer = await client.send(command).catch((error: unknown) => unlessMissing(error, projectName));
    if (answer?.build !== undefined) started.push(view(answer.build));
  }
  if (started.length > 0) return started;
  throw noPipeline(stack);
}

const noPipeline = (stack: string): CliError =>
  new CliError(
    `${stack} has no image pipeline`,
    'set imagePipeline: enabled in parameters.yml, run oneshot deploy, then oneshot image build --watch',
    EXIT.fault,
  );

/** `undefined` for a project that does not exist. Throws CliError for one that builds already, and what else is wrong. */
function unlessMissing(error: unknown, project: string): undefined {
  const { name, message } = error as Error;
  if (name === 'ResourceNotFoundException') return undefined;
  // A project builds once at a time (infra/image.yml).
  if (name === 'AccountLimitExceededException')
    throw new CliError(
      `${project} did not start: ${message}`,
      'wait until the running build has ended (CodeBuild, Build history), then run this command again',
      EXIT.fault,
      error,
    );
  throw error;
}

/** CodeBuild gives up after the 45 minutes of infra/image.yml, and may queue before. */
const MOST_MS = 60 * 60_000;
const LOOK_EVERY_MS = 5_000;

/** Tells each phase until all builds are over. Throws CliError unless all succeeded. */
export async function watchBuilds(
  client: CodeBuildClient,
  builds: readonly BuildView[],
  output: Output,
  everyMs = LOOK_EVERY_MS,
): Promise<BuildView[]> {
  const told = new Map<string, string>();
  const last = await poll(
    async () => {
      const seen = await readBuilds(
        client,
        builds.map(({ id }) => id),
      );
      for (const { project, phase, status, isOver } of seen) {
        const line = `${project}: ${isOver ? status : phase}`;
        if (told.get(project) !== line) output.tell(line);
        told.set(project, line);
      }
      return seen.every(({ isOver }) => isOver) ? seen : undefined;
    },
    MOST_MS,
    everyMs,
  );
  if (last === undefined)
    throw new CliError('the builds did not end within an hour', 'look at them in CodeBuild');
  const bad = last.filter(({ status }) => status !== 'SUCCEEDED');
  if (bad.length === 0) return last;
  throw new CliError(
    bad
      .map(({ project, status, problem }) => `${project}: ${status}${problem ? `, ${problem}` : ''}`)
      .join('\n'),
    `its log says why: ${bad.map(({ logUrl, id }) => logUrl ?? id).join(', ')}. The earlier image stays in use`,
  );
}

/** Throws CliError unless each project of the stack has a good build: a task cannot start from an image that is not there. */
export async function requireImages(client: CodeBuildClient, stack: string): Promise<void> {
  const ids = new Map<string, readonly string[]>();
  for (const projectName of projectsOf(stack)) {
    const command = new ListBuildsForProjectCommand({ projectName, sortOrder: 'DESCENDING' });
    const answer = await client.send(command).catch((error: unknown) => unlessMissing(error, projectName));
    if (answer !== undefined) ids.set(projectName, answer.ids ?? []);
  }
  if (ids.size === 0) throw noPipeline(stack);
  for (const [project, all] of ids) {
    const builds = all.length === 0 ? [] : await readBuilds(client, all.slice(0, 100)); // BatchGetBuilds takes no more
    if (!builds.some(({ status }) => status === 'SUCCEEDED'))
      throw new CliError(
        `${project} has no good build yet`,
        'run oneshot image build --watch first',
        EXIT.fault,
      );
  }
}

async function readBuilds(client: CodeBuildClient, ids: readonly string[]): Promise<BuildView[]> {
  const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [...ids] }));
  return builds.map(view);
}

function view({ id = '', projectName = '', ...build }: Build): BuildView {
  const failed = build.phases?.find(({ phaseStatus = 'SUCCEEDED' }) => phaseStatus !== 'SUCCEEDED');
  return {
    id,
    project: projectName,
    phase: build.currentPhase ?? 'SUBMITTED',
    status: build.buildStatus ?? 'IN_PROGRESS',
    isOver: build.buildComplete ?? false,
    problem: failed && `${failed.phaseType}: ${failed.contexts?.map(({ message }) => message).join(' ')}`,
    logUrl: build.logs?.deepLink,
  };
}
