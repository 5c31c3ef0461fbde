import { ECSClient } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { missingDockerCapacity } from '../../infra/docker-capacity.ts';
import { reopen } from '../../infra/removal.ts';
import { connectStack } from '../../infra/stack.ts';
import { awsConfig } from '../aws.ts';
import { FUNCTIONS } from '../doctor/links/functions.ts';
import { CliError } from '../errors.ts';
import type { Output } from '../output.ts';
import { forgetUpload } from './kept.ts';
import { runOsls } from './osls.ts';
import type { DeployPlan } from './plan/plan.ts';
import type { Prepared } from './prepare.ts';
import { followStack } from './progress.ts';
import type { Step } from './stack-events.ts';

/** Has osls make a plan so, and tells what CloudFormation does. Throws CliError with the resource that failed first. */
export async function change({ plan, service, args, upload }: Prepared, output: Output): Promise<void> {
  const { stack, stage, region } = plan.place;
  const progress = await followStack(awsConfig(region), stack, plan.changes.length, output);
  const failure = `${stack} was not deployed`;
  let isOver = false;
  try {
    await runOsls({
      args,
      stage,
      region,
      service,
      isQuiet: true,
      failure,
      async explain() {
        isOver = true;
        const cause = await progress.end();
        return cause && failed(failure, cause, plan);
      },
    });
  } catch (error) {
    if (upload !== undefined) await forgetUpload(awsConfig(region), plan.place, upload);
    throw error;
  } finally {
    if (!isOver) await progress.end();
  }
}

/** What a removal closed that was then broken off, and a deployment without a change would leave so. */
export async function openAgain({ place, hasDocker }: DeployPlan, output: Output): Promise<void> {
  const config = awsConfig(place.region);
  const stack = connectStack(new LambdaClient(config), new ECSClient(config), place.stack);
  const opened = await reopen(
    stack,
    FUNCTIONS.map((name) => `${place.stack}-${name}`),
  );
  if (opened.length > 0) output.tell(`opened again what a removal had closed: ${opened.join(', ')}`);
  const missing = await missingDockerCapacity(stack, hasDocker ? 'enabled' : 'disabled');
  if (missing !== undefined) output.tell(missing);
}

const failed = (failure: string, { what, id, reason }: Step, { kind, place }: DeployPlan): CliError =>
  new CliError(
    `${failure}: ${what} ${id}: ${reason}`,
    kind === 'first'
      ? `fix what it names, remove what is left (oneshot teardown --stage ${place.stage}), then run the same command again`
      : 'fix what it names, then run the same command again: what was deployed before is deployed again',
  );
