import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { ECSClient, paginateListTasks } from '@aws-sdk/client-ecs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Template } from '../../infra/template.ts';
import { type AwsConfig, awsError } from '../aws.ts';
import { CliError, EXIT } from '../errors.ts';
import type { DeployedBuild } from './plan/plan.ts';

/** The stack as it is deployed; `undefined` where there is none. Throws CliError for one that cannot be deployed over. */
export async function readDeployed(config: AwsConfig, stack: string): Promise<DeployedBuild | undefined> {
  const cloudFormation = new CloudFormationClient(config);
  const found = await readStack(cloudFormation, stack);
  if (found === undefined) return undefined;
  checkStatus(found);
  const command = new GetTemplateCommand({ StackName: stack, TemplateStage: 'Original' });
  const { TemplateBody = '{"Resources":{}}' } = await cloudFormation.send(command).catch((cause: unknown) => {
    throw awsError(cause, `AWS did not show the template of ${stack}`);
  });
  const template: Template = JSON.parse(TemplateBody);
  return {
    template,
    codes: await readCodes(new LambdaClient(config), template),
    version: found.Outputs?.find(({ OutputKey }) => OutputKey === 'Version')?.OutputValue,
    liveTasks: await countTasks(new ECSClient(config), stack),
  };
}

async function readStack(client: CloudFormationClient, stack: string): Promise<Stack | undefined> {
  const answer = client.send(new DescribeStacksCommand({ StackName: stack }));
  const { Stacks } = await answer.catch((cause: unknown) => {
    if (/does not exist/.test(Object(cause).message)) return { Stacks: [] };
    throw awsError(cause, `AWS could not be asked for the stack ${stack}`);
  });
  return Stacks?.[0];
}

/** CloudFormation user guide, "Stack status codes". */
function checkStatus({ StackName, StackStatus: status }: Stack): void {
  const StackStatus: string = status ?? '';
  if (
    /^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|DELETE_FAILED|REVIEW_IN_PROGRESS)$/.test(StackStatus)
  )
    throw new CliError(
      `the stack ${StackName} is ${StackStatus}: its first deployment or its removal did not finish`,
      'remove what is left with oneshot teardown, then deploy again',
    );
  if (StackStatus.endsWith('_IN_PROGRESS'))
    throw new CliError(
      `the stack ${StackName} is ${StackStatus}: it is being changed now`,
      'wait until that has ended, then run the same command again',
      EXIT.usage,
    );
}

/** By name. A function that is not there, or that nobody may look at, counts as one with other code. */
async function readCodes(client: LambdaClient, { Resources }: Template): Promise<Map<string, string>> {
  const names = Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::Lambda::Function' ? [String(Properties?.['FunctionName'])] : [],
  );
  const read = async (FunctionName: string) => {
    const answer = client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const { CodeSha256 } = await answer.catch(() => ({ CodeSha256: undefined }));
    return [FunctionName, CodeSha256 ?? 'unknown'] as const;
  };
  return new Map(await Promise.all(names.map(read)));
}

/** Tasks that run or start. It is told to a person: where it cannot be read, nothing is said. */
async function countTasks(client: ECSClient, cluster: string): Promise<number> {
  let count = 0;
  try {
    for await (const { taskArns = [] } of paginateListTasks({ client }, { cluster }))
      count += taskArns.length;
  } catch {
    return 0;
  }
  return count;
}
