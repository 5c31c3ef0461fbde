// What CloudFormation does not do: before a deployment the refusal of what it would begin and never finish, and the role
// that ECS needs; before a removal the end of intake and of all tasks, and of what other services of AWS put into the
// network; after it the log group that ECS makes again. The logic is in network-changes.ts, image-removal.ts,
// service-linked-role.ts, removal.ts, docker-capacity.ts, guardduty.ts and revived-logs.ts.
import { setTimeout } from 'node:timers/promises';

export default class AccountPlugin {
  constructor(serverless, _options, { log }) {
    const aws = serverless.getProvider('aws');
    /** Those that begin or end tasks: what a removal closes. */
    const functionNames = () =>
      serverless.service
        .getAllFunctions()
        .filter((name) => name !== 'summary')
        .map((name) => serverless.service.getFunction(name).name);

    /** Late, as other commands need no SDK. */
    const connect = async () => {
      const { ECSClient, LambdaClient } = await import('./clients.ts');
      const { connectStack } = await import('./stack.ts');
      const config = await aws.getAwsSdkV3Config();
      // Stopping many tasks meets the rate of StopTask: the SDK waits and tries again.
      const ecs = new ECSClient({ ...config, maxAttempts: 10 });
      return connectStack(new LambdaClient(config), ecs, serverless.service.custom.stack);
    };

    const firstZones = async () => {
      const { EC2Client } = await import('./clients.ts');
      const { readFirstZones } = await import('./read-zones.ts');
      return readFirstZones(new EC2Client(await aws.getAwsSdkV3Config()));
    };

    /** A pipeline that is switched off takes its images along. */
    const keepImages = async (outputs, { imagePipeline }) => {
      const repository = outputs.find(({ OutputKey }) => OutputKey === 'ImageRepositoryUri')?.OutputValue;
      if (repository === undefined || imagePipeline === 'enabled') return;
      const { ECSClient } = await import('./clients.ts');
      const { keepImagesInUse, readImagesInUse } = await import('./image-removal.ts');
      const ecs = new ECSClient(await aws.getAwsSdkV3Config());
      keepImagesInUse(repository, await readImagesInUse(ecs, serverless.service.custom.stack));
    };

    /** Where the stack has none of its own. */
    const deleteRevived = async () => {
      const { stack } = serverless.service.custom;
      if (outputOf(await describeStack(aws), 'InsightsLogGroup') !== undefined) return;
      const { CloudWatchLogsClient } = await import('./clients.ts');
      const { deleteRevivedLogs } = await import('./revived-logs.ts');
      const told = await deleteRevivedLogs(new CloudWatchLogsClient(await aws.getAwsSdkV3Config()), stack);
      if (told !== undefined) log.notice(told);
    };
    const hasInsights = () => serverless.service.custom.parameters.containerInsights !== 'disabled';
    const clock = {
      nowMs: () => performance.now(),
      wait: (ms) => setTimeout(ms),
      tell: (line) => log.notice(line),
    };

    this.hooks = {
      // osls knows no condition of a function.
      initialize: () => {
        const { functions, custom } = serverless.service;
        if (custom?.parameters?.weeklySummary === 'disabled') delete functions.summary;
      },
      'after:aws:package:finalize:mergeCustomProviderResources': async () => {
        bindSummary(serverless.service.provider.compiledCloudFormationTemplate);
        // Packaging asks nobody, unless its package is to be deployed.
        if (serverless.processedInput.commands[0] !== 'deploy' && !process.env.ONESHOT_ASKS_ACCOUNT) return;
        const { deployedNetwork, keepNetwork, setZones } = await import('./network-changes.ts');
        const wanted = serverless.service.custom.parameters;
        const outputs = (await describeStack(aws))?.Outputs ?? [];
        await keepImages(outputs, wanted);
        const deployed = deployedNetwork(outputs);
        const zones = keepNetwork(deployed, wanted) ?? (await firstZones());
        if (zones !== undefined)
          setZones(serverless.service.provider.compiledCloudFormationTemplate, zones, wanted);
      },
      'before:deploy:deploy': async () => {
        const { IAMClient } = await import('./clients.ts');
        const { makeServiceLinkedRole } = await import('./service-linked-role.ts');
        const told = await makeServiceLinkedRole(new IAMClient(await aws.getAwsSdkV3Config()));
        if (told !== undefined) log.notice(told);
        if (hasInsights()) await deleteRevived();
      },
      'after:deploy:deploy': async () => {
        const { reopen } = await import('./removal.ts');
        const { missingDockerCapacity } = await import('./docker-capacity.ts');
        const stack = await connect();
        const opened = await reopen(stack, functionNames());
        if (opened.length > 0) log.notice(`Opened again what a removal had closed: ${opened.join(', ')}`);
        const missing = await missingDockerCapacity(stack, serverless.service.custom.parameters.docker);
        if (missing !== undefined) log.warning(missing);
      },
      'before:remove:remove': async () => {
        const deployed = await describeStack(aws);
        if (deployed?.EnableTerminationProtection) return; // osls refuses to remove it, and it must keep working
        const { drain } = await import('./removal.ts');
        log.notice('Stopping intake and all tasks');
        await drain(await connect(), { functionNames: functionNames(), ...clock });
        const vpcId = outputOf(deployed, 'VpcId');
        if (vpcId === undefined) return;
        const { EC2Client } = await import('./clients.ts');
        const { clearVpc, connectVpc } = await import('./guardduty.ts');
        await clearVpc(connectVpc(new EC2Client(await aws.getAwsSdkV3Config()), vpcId), clock);
      },
      'after:remove:remove': deleteRevived,
    };
  }
}

/** What osls made of the function is there as long as its role and its alarm (infra/summary.yml). */
function bindSummary({ Resources = {} }) {
  for (const [name, resource] of Object.entries(Resources))
    if (name.startsWith('Summary')) resource.Condition = 'HasWeeklySummary';
}

const outputOf = (stack, name) => stack?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue;

/** The stack as CloudFormation shows it; `undefined` where there is none. */
async function describeStack(aws) {
  const { CloudFormationClient, DescribeStacksCommand } = await import('./clients.ts');
  const client = new CloudFormationClient(await aws.getAwsSdkV3Config());
  const answer = client.send(new DescribeStacksCommand({ StackName: aws.naming.getStackName() }));
  const { Stacks } = await answer.catch((error) => {
    if (error.name === 'ValidationError' && /does not exist/.test(error.message)) return { Stacks: [] };
    throw error;
  });
  return Stacks?.[0];
}
