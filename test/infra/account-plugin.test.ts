import { describe, expect, it } from 'vitest';
import { type Answer, openScriptedAws, refusal } from './scripted-aws.ts';

/** JavaScript without types, which is what osls loads. */
const { default: AccountPlugin } = await import(
  String(new URL('../../infra/account-plugin.js', import.meta.url))
);

const FUNCTIONS = ['webhook', 'sweep'];
const stack = (isProtected: boolean, outputs: Readonly<Record<string, string>> = {}): Answer => [
  200,
  `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>oneshot-dev</StackName>
   <EnableTerminationProtection>${isProtected}</EnableTerminationProtection><Outputs>${Object.entries(outputs)
     .map(
       ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
     )
     .join('')}</Outputs></member></Stacks>
   </DescribeStacksResult></DescribeStacksResponse>`,
];
const concurrency = (name: string) => `/2017-10-31/functions/oneshot-dev-${name}/concurrency`;
const read = (name: string) => `/2019-09-30/functions/oneshot-dev-${name}/concurrency`;
const EMPTY: Answer = [200, '{}'];
const NO_DOCKER: Answer = [200, '{"capacityProviders":[],"failures":[{"reason":"MISSING"}]}'];
const NO_STACK = refusal(400, 'ValidationError', 'Stack with id oneshot-dev does not exist');

/** What osls hands to a plugin, and what the plugin told and called in one of its hooks. */
async function run(
  hook: string,
  answers: Readonly<Record<string, Answer>>,
  {
    command = 'deploy',
    zones = '',
    containerInsights = 'disabled',
    imagePipeline = 'disabled',
    docker = 'disabled',
  } = {},
) {
  const { config, calls } = await openScriptedAws(answers);
  const told: string[] = [];
  const outputs: { ZoneLetters?: { Value: string } } = {};
  const serverless = {
    processedInput: { commands: [command] },
    getProvider: () => ({
      getAwsSdkV3Config: async () => config,
      naming: { getStackName: () => 'oneshot-dev' },
    }),
    service: {
      custom: {
        stack: 'oneshot-dev',
        parameters: {
          ...{ network: 'public', vpcCidr: '10.83.0.0/16' },
          ...{ zones, containerInsights, imagePipeline, docker },
        },
      },
      provider: {
        compiledCloudFormationTemplate: {
          Outputs: outputs,
          Conditions: {},
        },
      },
      getAllFunctions: () => FUNCTIONS,
      getFunction: (name: string) => ({ name: `oneshot-dev-${name}` }),
    },
  };
  const tell = (line: string) => void told.push(line);
  const { hooks } = new AccountPlugin(serverless, {}, { log: { notice: tell, warning: tell } });
  await hooks[hook]();
  return { calls, told, zones: outputs.ZoneLetters?.Value };
}

describe('before a removal', () => {
  const DRAINED = {
    DescribeStacks: stack(false),
    ...Object.fromEntries(FUNCTIONS.map((name) => [`PUT ${concurrency(name)}`, EMPTY])),
    ListTasks: [200, '{"taskArns":[]}'] as Answer,
    DescribeCapacityProviders: NO_DOCKER,
    PutClusterCapacityProviders: EMPTY,
  };

  it('should close each function of the service, and then the cluster', async () => {
    const { calls } = await run('before:remove:remove', DRAINED);
    expect(calls).toEqual([
      'DescribeStacks',
      ...FUNCTIONS.map((name) => `PUT ${concurrency(name)}`),
      'ListTasks',
      'ListTasks',
      'DescribeCapacityProviders',
      'PutClusterCapacityProviders',
    ]);
  });

  it('should look for what GuardDuty put into the VPC that the stack has', async () => {
    const empty = (name: string): Answer => [200, `<${name}Response/>`];
    const { calls } = await run('before:remove:remove', {
      ...DRAINED,
      DescribeStacks: stack(false, { VpcId: 'vpc-1' }),
      DescribeVpcEndpoints: empty('DescribeVpcEndpoints'),
      DescribeSecurityGroups: empty('DescribeSecurityGroups'),
    });
    expect(calls.slice(-3)).toEqual([
      'PutClusterCapacityProviders',
      'DescribeVpcEndpoints',
      'DescribeSecurityGroups',
    ]);
  });

  it('should leave a stack alone that is protected: it is not going to be removed', async () => {
    const { calls } = await run('before:remove:remove', { DescribeStacks: stack(true) });
    expect(calls).toEqual(['DescribeStacks']);
  });

  it('should find nothing to do where there is no stack any more', async () => {
    const gone: Answer = [404, '{"__type":"ResourceNotFoundException","message":"Function not found"}'];
    const { calls } = await run('before:remove:remove', {
      DescribeStacks: refusal(400, 'ValidationError', 'Stack with id oneshot-dev does not exist'),
      ...Object.fromEntries(FUNCTIONS.map((name) => [`PUT ${concurrency(name)}`, gone])),
      ListTasks: [400, '{"__type":"ClusterNotFoundException","message":"Cluster not found."}'],
      DescribeCapacityProviders: [
        400,
        '{"__type":"ClusterNotFoundException","message":"Cluster not found."}',
      ],
      PutClusterCapacityProviders: [
        400,
        '{"__type":"ClusterNotFoundException","message":"Cluster not found."}',
      ],
    });
    expect(calls.at(-1)).toBe('PutClusterCapacityProviders');
  });
});

describe('the log group that ECS makes again', () => {
  const GONE: Answer = [400, '{"__type":"ResourceNotFoundException","message":"no such group"}'];

  it('should be deleted after a removal, and be said', async () => {
    const answers = { DescribeStacks: NO_STACK, DeleteLogGroup: EMPTY };
    const { calls, told } = await run('after:remove:remove', answers);
    expect(calls).toEqual(['DescribeStacks', 'DeleteLogGroup']);
    expect(told).toEqual([
      expect.stringMatching(/^Deleted \/aws\/ecs\/containerinsights\/oneshot-dev\/performance/),
    ]);
  });

  it('should be no fault where it is not there', async () => {
    const answers = { DescribeStacks: NO_STACK, DeleteLogGroup: GONE };
    expect((await run('after:remove:remove', answers)).told).toEqual([]);
  });

  it('should be deleted before a deployment that makes its own, and stay where it is the stack’s', async () => {
    const GetRole: Answer = [200, '<GetRoleResponse/>'];
    const insights = { containerInsights: 'enabled' };
    const orphan = { GetRole, DescribeStacks: NO_STACK, DeleteLogGroup: EMPTY };
    expect((await run('before:deploy:deploy', orphan, insights)).calls.at(-1)).toBe('DeleteLogGroup');
    const owned = { GetRole, DescribeStacks: stack(false, { InsightsLogGroup: '/aws/ecs/x' }) };
    expect((await run('before:deploy:deploy', owned, insights)).calls.at(-1)).toBe('DescribeStacks');
    expect((await run('before:deploy:deploy', { GetRole })).calls).toEqual(['GetRole']);
  });
});

describe('a deployment', () => {
  const PACKAGED = 'after:aws:package:finalize:mergeCustomProviderResources';
  const THERE = { DescribeStacks: stack(false, { VpcCidr: '10.83.0.0/16', ZoneLetters: 'b,c' }) };
  const NOT_THERE = {
    DescribeStacks: refusal(400, 'ValidationError', 'Stack with id oneshot-dev does not exist'),
  };

  const zonesOf = (...items: readonly (readonly [name: string, type: string])[]): Answer => [
    200,
    `<DescribeAvailabilityZonesResponse><availabilityZoneInfo>${items
      .map(
        ([name, type]) =>
          `<item><zoneName>${name}</zoneName><zoneState>available</zoneState><zoneType>${type}</zoneType></item>`,
      )
      .join('')}</availabilityZoneInfo></DescribeAvailabilityZonesResponse>`,
  ];

  const ImageRepositoryUri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/oneshot-dev-runner';
  const definition = (image: string): Answer => [
    200,
    JSON.stringify({ taskDefinition: { containerDefinitions: [{ image }] } }),
  ];
  const WITH_PIPELINE = {
    DescribeStacks: stack(false, {
      Network: 'public',
      VpcCidr: '10.83.0.0/16',
      Zones: 'us-east-1a,us-east-1b',
      ImageRepositoryUri,
    }),
    DescribeTaskDefinition: definition('ghcr.io/actions/actions-runner:2.336.0'),
    ListTasks: [200, '{"taskArns":["a"]}'] as Answer,
    DescribeTasks: [
      200,
      JSON.stringify({
        tasks: [{ lastStatus: 'RUNNING', containers: [{ image: `${ImageRepositoryUri}:x64` }] }],
      }),
    ] as Answer,
  };

  it('should not take the images of the pipeline from tasks that run', async () => {
    await expect(run(PACKAGED, WITH_PIPELINE)).rejects.toThrow(/imagePipeline cannot be disabled/);
    const stopped: Answer = [200, '{"tasks":[{"lastStatus":"STOPPED"}]}'];
    await expect(run(PACKAGED, { ...WITH_PIPELINE, DescribeTasks: stopped })).resolves.toBeDefined();
  });

  it('should ask for no tasks where the pipeline stays', async () => {
    const { calls } = await run(PACKAGED, WITH_PIPELINE, { imagePipeline: 'enabled' });
    expect(calls).toEqual(['DescribeStacks']);
  });

  it('should keep the zones that the stack has', async () => {
    expect((await run(PACKAGED, THERE)).zones).toBe('b,c');
  });

  it('should begin with the region’s first zones by name, so that the next deployment changes nothing', async () => {
    const DescribeAvailabilityZones = zonesOf(
      ['us-east-1-bos-1a', 'local-zone'],
      ['us-east-1c', 'availability-zone'],
      ['us-east-1a', 'availability-zone'],
    );
    expect((await run(PACKAGED, { ...NOT_THERE, DescribeAvailabilityZones })).zones).toBe('a,c');
  });

  it('should leave it at a and b where nobody may ask for zones', async () => {
    const code = 'UnauthorizedOperation';
    const denied: Answer = [
      403,
      `<Response><Errors><Error><Code>${code}</Code><Message>no</Message></Error></Errors></Response>`,
    ];
    const { zones, calls } = await run(PACKAGED, { ...NOT_THERE, DescribeAvailabilityZones: denied });
    expect([zones, calls.at(-1)]).toEqual([undefined, 'DescribeAvailabilityZones']);
  });

  it('should be refused before anything is sent where the range of the VPC would change', async () => {
    const DescribeStacks = stack(false, { VpcCidr: '10.84.0.0/16', ZoneLetters: 'b,c' });
    const refused = run(PACKAGED, { DescribeStacks });
    await expect(refused).rejects.toThrow('vpcCidr cannot change from 10.84.0.0/16 to 10.83.0.0/16');
    expect((await run(PACKAGED, { DescribeStacks }, { command: 'package' })).calls).toEqual([]);
  });

  it('should make the role that ECS needs first', async () => {
    const { told } = await run('before:deploy:deploy', {
      GetRole: refusal(404, 'NoSuchEntity', 'no such role'),
      CreateServiceLinkedRole: [200, '<CreateServiceLinkedRoleResponse/>'],
    });
    expect(told).toEqual([expect.stringContaining('Made the service-linked role of ECS')]);
  });

  it('should say that a removal that was broken off has deleted the capacity of jobs with Docker', async () => {
    const answers = {
      ...Object.fromEntries(FUNCTIONS.map((name) => [`GET ${read(name)}`, EMPTY])),
      DescribeClusters: [200, '{"clusters":[{"status":"ACTIVE","capacityProviders":["FARGATE"]}]}'] as Answer,
    };
    const missing = { ...answers, DescribeCapacityProviders: NO_DOCKER };
    const { told } = await run('after:deploy:deploy', missing, { docker: 'enabled' });
    expect(told).toEqual([expect.stringMatching(/Docker is missing.* docker=disabled, and then/)]);
    expect((await run('after:deploy:deploy', answers)).calls).not.toContain('DescribeCapacityProviders');
  });

  it('should open what a removal had closed, and say so', async () => {
    const { told, calls } = await run('after:deploy:deploy', {
      [`GET ${read('webhook')}`]: [200, '{"ReservedConcurrentExecutions":0}'],
      [`GET ${read('sweep')}`]: EMPTY,
      [`DELETE ${concurrency('webhook')}`]: [204, ''],
      DescribeClusters: [200, '{"clusters":[{"status":"ACTIVE","capacityProviders":[]}]}'],
      PutClusterCapacityProviders: EMPTY,
    });
    expect(told).toEqual(['Opened again what a removal had closed: oneshot-dev-webhook, the cluster']);
    expect(calls).not.toContain(`DELETE ${concurrency('sweep')}`);
  });
});
