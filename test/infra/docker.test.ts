import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findProblems } from '../../infra/parameters.ts';
import { dockerRepositories } from '../../infra/rules.ts';
import { readRunnerLimits } from '../../infra/runners.ts';
import { packageService } from './package-service.ts';
import { packageSkeleton } from './skeleton.ts';
import {
  asList,
  at,
  ofType,
  properties,
  resolveConditions,
  statementsOf,
  type Template,
} from './template.ts';
import { UNSCOPABLE } from './unscopable.ts';
import { EXISTING, parametersWith } from './variants.ts';

const ENABLED = { network: 'private', docker: 'enabled' };
const BEHIND_NAT = { ...EXISTING, assignPublicIp: 'DISABLED' };

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;
let docker: Template;

beforeAll(async () => {
  templateWith = await packageSkeleton();
  docker = resolveConditions(templateWith(ENABLED));
}, 300_000);

const deployed = (...given: Parameters<typeof templateWith>) => resolveConditions(templateWith(...given));
const containerOf = (definition: string, name: string) =>
  asList(at(properties(docker, definition), 'ContainerDefinitions')).find((one) => at(one, 'Name') === name);
const DEFINITIONS = ['TaskDefinitionDockerX64', 'TaskDefinitionDockerArm64'];

describe('a deployment without Docker', () => {
  it.each([{}, { network: 'private' }])('should have nothing of it: %o', (changes) => {
    const { Resources, Outputs } = deployed(changes);
    const named = [...Object.keys(Resources), ...Object.keys(Outputs)].filter((name) => /docker/i.test(name));
    expect(named).toEqual([]);
    expect(JSON.stringify(Resources)).not.toMatch(/MANAGED_INSTANCES|"Privileged"|TASK_DEFINITION_DOCKER/);
  });
});

describe('the parameters of Docker', () => {
  const problemsWith = (changes: Parameters<typeof parametersWith>[0], region = 'us-east-1') =>
    findProblems(parametersWith(changes), { stack: 'oneshot-dev', region });

  it.each([ENABLED, { ...BEHIND_NAT, docker: 'enabled' }])('should be fine: %o', (changes) => {
    expect(problemsWith(changes)).toEqual([]);
  });

  it.each([
    ['public subnets', { docker: 'enabled' }],
    ['subnets with public addresses', { ...EXISTING, docker: 'enabled' }],
  ])('should be refused where tasks would have no way out: %s', (_, changes) => {
    expect(problemsWith(changes)).toEqual([expect.stringContaining('gets no public address')]);
  });

  it.each(['cn-north-1', 'eusc-de-east-1'])('should be refused where AWS has none: %s', (region) => {
    expect(problemsWith(ENABLED, region)).toEqual([expect.stringContaining(`not offered in ${region}`)]);
  });

  it.each(['', 'docker:dind', 'registry.example.com/docker:29-dind'])(
    'should be refused without a digest of the daemon: "%s"',
    (dockerdImage) => {
      expect(problemsWith({ dockerdImage })).toEqual([expect.stringMatching(/^dockerdImage: .*digest/)]);
    },
  );

  it.each(['29', '16385', 'large'])('should be refused with a volume of %s GiB', (dockerStorageGiB) => {
    expect(problemsWith({ dockerStorageGiB })).toEqual([expect.stringMatching(/^dockerStorageGiB: /)]);
  });

  it('should be refused where runners.yml gives Docker to a repository and there is none', () => {
    expect(dockerRepositories('disabled', ['acme/web'])).toEqual([
      expect.stringContaining('docker.repositories'),
    ]);
    expect(dockerRepositories('enabled', ['acme/web'])).toEqual([]);
    expect(dockerRepositories('disabled', [])).toEqual([]);
  });
});

describe('what runners.yml says of Docker', () => {
  const RUNNERS = `allow: { repositories: [acme/*] }
docker: { repositories: [acme/web], limits: { cpu: 16, memory: 64, arm64: false } }
`;

  it('should be refused by packaging where a repository gets it and the deployment has none', async () => {
    const packaged = packageService({ entrypoint: 'exit', runners: RUNNERS });
    await expect(packaged).rejects.toThrow(/docker: "disabled" .*runners.yml names docker.repositories/);
  }, 300_000);

  it('should bound launches and instances', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-runners-'));
    writeFileSync(path.join(folder, 'runners.yml'), RUNNERS);
    const { docker: limits } = readRunnerLimits(path.join(folder, 'runners.yml'));
    rmSync(folder, { recursive: true });
    expect(limits).toEqual({
      ...{ maximumCpuUnits: 16_384, maximumMemoryMiB: 65_536 },
      ...{ maximumInstanceVcpu: 32, maximumInstanceMemoryMiB: 131_072 },
      ...{ cpuManufacturers: ['intel', 'amd'], arm64: 'false', repositories: ['acme/web'] },
    });
  });
});

describe('the capacity of Docker', () => {
  const provider = (of = docker) => properties(of, 'DockerCapacity');
  const launch = (of = docker) => at(provider(of), 'ManagedInstancesProvider', 'InstanceLaunchTemplate');
  const requirements = (of = docker) => at(launch(of), 'InstanceRequirements');

  it('should be named after the stack, of our cluster, and go with each task', () => {
    expect(provider()).toMatchObject({
      Name: 'oneshot-dev-docker',
      ClusterName: { Ref: 'Cluster' },
      ManagedInstancesProvider: { InfrastructureOptimization: { ScaleInAfter: 0 } },
    });
    expect(at(launch(), 'CapacityOptionType')).toBe('ON_DEMAND');
    expect(at(launch(), 'StorageConfiguration', 'StorageSizeGiB')).toBe(100);
  });

  it('should be in the subnets and the security group of all tasks', () => {
    const existing = launch(deployed({ ...BEHIND_NAT, docker: 'enabled' }));
    expect(at(existing, 'NetworkConfiguration')).toEqual({
      Subnets: ['subnet-01234567', 'subnet-89abcdef'],
      SecurityGroups: ['sg-01234567'],
    });
    const own = JSON.stringify(at(launch(), 'NetworkConfiguration'));
    expect(own).toContain('PrivateSubnetA');
    expect(own).not.toContain('PublicSubnet');
  });

  it('should have room for the largest task of runners.yml on an instance', () => {
    expect(requirements()).toMatchObject({
      VCpuCount: { Min: 1, Max: 16 },
      MemoryMiB: { Min: 2048, Max: 65_536 },
      BurstablePerformance: 'excluded',
    });
    expect(requirements()).not.toHaveProperty('CpuManufacturers');
  });

  it('should be without arm64 where runners.yml has none', () => {
    const limits = { arm64: 'false', cpuManufacturers: ['intel', 'amd'] };
    const base = { maximumCpuUnits: 8192, maximumMemoryMiB: 32_768, repositories: [] };
    const instance = { maximumInstanceVcpu: 16, maximumInstanceMemoryMiB: 65_536 };
    const of = deployed(ENABLED, { docker: { ...base, ...instance, ...limits } as never });
    expect(at(requirements(of), 'CpuManufacturers')).toEqual(['intel', 'amd']);
    expect(of.Resources).not.toHaveProperty('TaskDefinitionDockerArm64');
    expect(at(properties(of, 'WebhookLambdaFunction'), 'Environment', 'Variables')).not.toHaveProperty(
      'ONESHOT_TASK_DEFINITION_DOCKER_ARM64',
    );
  });

  it('should be known to the functions', () => {
    expect(at(properties(docker, 'WebhookLambdaFunction'), 'Environment', 'Variables')).toMatchObject({
      ONESHOT_TASK_DEFINITION_DOCKER_X64: { Ref: 'TaskDefinitionDockerX64' },
      ONESHOT_TASK_DEFINITION_DOCKER_ARM64: { Ref: 'TaskDefinitionDockerArm64' },
    });
  });
});

describe.each(DEFINITIONS)('the task definition %s', (name) => {
  const arm = name.endsWith('Arm64');

  it('should be for Managed Instances only, and never in the network of its host', () => {
    expect(properties(docker, name)).toMatchObject({
      Family: `oneshot-dev-docker-${arm ? 'arm64' : 'x64'}`,
      RequiresCompatibilities: ['MANAGED_INSTANCES'],
      RuntimePlatform: { CpuArchitecture: arm ? 'ARM64' : 'X86_64' },
      NetworkMode: 'awsvpc',
    });
  });

  it('should have the roles of every task', () => {
    const roles = (of: string) => [
      properties(docker, of)['TaskRoleArn'],
      properties(docker, of)['ExecutionRoleArn'],
    ];
    expect(roles(name)).toEqual(roles('TaskDefinitionX64'));
  });

  it('should make the daemon alone privileged, and the runner alone essential', () => {
    const containers = asList(at(properties(docker, name), 'ContainerDefinitions')) as unknown[];
    const which = (key: string) =>
      containers.filter((one) => at(one, key) === true).map((one) => at(one, 'Name'));
    expect(containers.map((one) => at(one, 'Name'))).toEqual(['externals', 'dockerd', 'runner']);
    expect(which('Privileged')).toEqual(['dockerd']);
    expect(which('Essential')).toEqual(['runner']);
  });

  it('should run the daemon by its digest, on the socket that the runner is told', () => {
    expect(containerOf(name, 'dockerd')).toMatchObject({
      Image: expect.stringMatching(/docker@sha256:[0-9a-f]{64}$/),
      Command: [
        'dockerd',
        '--host=unix:///run/dockerd/docker.sock',
        '--host=unix:///var/run/docker.sock',
        '--group=123',
      ],
    });
    const environment = at(containerOf(name, 'runner'), 'Environment') as unknown[];
    const told = environment.filter((one) => /DOCKER|HOOKS/.test(String(at(one, 'Name'))));
    expect(told).toEqual([
      { Name: 'DOCKER_HOST', Value: 'unix:///run/dockerd/docker.sock' },
      { Name: 'ACTIONS_RUNNER_CONTAINER_HOOKS', Value: '' },
      { Name: 'ONESHOT_DOCKER_TIMEOUT_SECONDS', Value: '120' },
      { Name: 'ONESHOT_DOCKER_STORAGE_GIB', Value: '100' },
    ]);
  });

  it('should be the container of every task, but for what Docker adds to it', () => {
    const every = at(properties(docker, 'TaskDefinitionX64'), 'ContainerDefinitions', 0);
    const { DependsOn, MountPoints, Environment, ...rest } = Object(containerOf(name, 'runner'));
    const { Environment: ofEvery, ...others } = Object(every);
    expect(rest).toEqual(others);
    expect(Environment).toEqual(expect.arrayContaining(ofEvery));
    expect(DependsOn).toEqual([
      { ContainerName: 'externals', Condition: 'SUCCESS' },
      { ContainerName: 'dockerd', Condition: 'START' },
    ]);
    expect(MountPoints).toHaveLength(3);
  });

  it('should mount what a job hands to Docker at the same paths in the runner and the daemon', () => {
    const mounts = (of: string) => at(containerOf(name, of), 'MountPoints') as unknown[];
    for (const mount of mounts('runner')) expect(mounts('dockerd')).toContainEqual(mount);
    const volumes = at(properties(docker, name), 'Volumes') as unknown[];
    expect(volumes).toEqual(
      ['work', 'externals', 'socket', 'docker'].map((volume) => ({ Name: volume, Host: {} })),
    );
  });

  it('should run the image that the pipeline built for it, in both containers of the runner', () => {
    const pipeline = deployed({ ...ENABLED, imagePipeline: 'enabled', image: 'pipeline' });
    const images = (at(properties(pipeline, name), 'ContainerDefinitions') as unknown[]).map((one) =>
      at(one, 'Image'),
    );
    const built = { 'Fn::Sub': `\${ImageRepository.RepositoryUri}:${arm ? 'arm64' : 'x64'}` };
    expect(images).toEqual([built, expect.any(String), built]);
  });

  it('should give the daemon the proxy of a closed network, and nothing of the job’s', () => {
    const variablesOf = (changes: object) =>
      at(
        properties(deployed({ ...ENABLED, ...changes }), name),
        'ContainerDefinitions',
        1,
        'Environment',
      ) as unknown[];
    expect(variablesOf({})).toEqual([]);
    const httpProxy = 'http://proxy.example.com:3128';
    const variables = variablesOf({ httpProxy, environment: '{"TZ":"Europe/Berlin"}' });
    expect(variables.map((one) => at(one, 'Name'))).toEqual(['http_proxy', 'https_proxy', 'no_proxy']);
    expect(variables[0]).toEqual({ Name: 'http_proxy', Value: httpProxy });
  });

  it('should let the user’s own variables change nothing that Docker needs', () => {
    const environment = '{"DOCKER_HOST":"tcp://example.com:2375"}';
    const definition = properties(deployed({ ...ENABLED, environment }), name);
    const variables = at(definition, 'ContainerDefinitions', 2, 'Environment') as unknown[];
    const hosts = variables.filter((one) => at(one, 'Name') === 'DOCKER_HOST');
    expect(hosts).toEqual([{ Name: 'DOCKER_HOST', Value: 'unix:///run/dockerd/docker.sock' }]);
  });
});

describe.each(['WebhookRole', 'ReconcileRole'])('launching with Docker (%s)', (role) => {
  it('should be allowed of two more families, on our cluster, up to limits of their own', () => {
    const [launch] = statementsOf(docker, role).filter(({ Sid }) => Sid === 'LaunchDockerTasks');
    expect(asList(launch?.Resource).map((one) => at(one, 'Fn::Sub'))).toEqual([
      expect.stringMatching(/:task-definition\/oneshot-dev-docker-x64:\*$/),
      expect.stringMatching(/:task-definition\/oneshot-dev-docker-arm64:\*$/),
    ]);
    expect(launch?.Condition).toEqual({
      ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': ['Cluster', 'Arn'] } },
      NumericLessThanEqualsIfExists: { 'ecs:task-cpu': 8192, 'ecs:task-memory': 32_768 },
    });
  });

  it('should leave all other statements what they are without Docker', () => {
    const others = statementsOf(docker, role).filter(({ Sid }) => Sid !== 'LaunchDockerTasks');
    expect(others).toEqual(statementsOf(deployed({ network: 'private' }), role));
  });
});

describe('the roles of the instances', () => {
  const ROLES = ['DockerInfrastructureRole', 'DockerInstanceRole'];

  it.each(['TaskRole', 'ExecutionRole', 'SettleRole', 'SweepRole'])('should add nothing to %s', (role) => {
    expect(properties(docker, role)).toEqual(properties(deployed({ network: 'private' }), role));
  });

  it('should be these two and no others', () => {
    const names = (of: Template) => ofType(of, 'AWS::IAM::Role').map(([name]) => name);
    const before = names(deployed({ network: 'private' }));
    expect(names(docker).filter((name) => !before.includes(name))).toEqual(ROLES);
  });

  it.each(ROLES)('should have all that %s may do in itself: ECS assumes it at once', (role) => {
    expect(properties(docker, role)).not.toHaveProperty('ManagedPolicyArns');
    expect(statementsOf(docker, role).length).toBeGreaterThan(2);
  });

  it.each(ROLES)('should give %s no wildcard but where AWS has no narrower resource', (role) => {
    for (const { Action, Resource } of statementsOf(docker, role)) {
      expect(asList(Action).join()).not.toContain('*');
      if (asList(Resource).includes('*'))
        for (const action of asList(Action)) expect(UNSCOPABLE).toHaveProperty([action]);
    }
  });

  it('should let an instance speak to our cluster, and reach nothing else', () => {
    const statements = statementsOf(docker, 'DockerInstanceRole');
    const services = statements.flatMap(({ Action }) => asList(Action)).map((one) => one.split(':')[0]);
    expect([...new Set(services)]).toEqual(['ecs']);
    const scoped = statements
      .flatMap(({ Resource }) => asList(Resource))
      .filter((one) => String(one) !== '*');
    for (const resource of scoped)
      expect(JSON.stringify(resource)).toMatch(/Cluster|container-instance\/oneshot-dev\//);
  });

  it('should hand over the one role of the instances, to EC2 only', () => {
    const [pass] = statementsOf(docker, 'DockerInfrastructureRole').filter(({ Action }) =>
      asList(Action).includes('iam:PassRole'),
    );
    expect(pass?.Resource).toEqual({ 'Fn::GetAtt': ['DockerInstanceRole', 'Arn'] });
    expect(pass?.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } });
  });

  it('should be held by the boundary where the account demands one', () => {
    const permissionsBoundary = 'arn:aws:iam::123456789012:policy/boundary';
    const bounded = deployed({ ...ENABLED, permissionsBoundary });
    for (const role of ROLES)
      expect(properties(bounded, role)['PermissionsBoundary']).toBe(permissionsBoundary);
  });
});

describe('a removal', () => {
  it('should delete the provider before the cluster and before the roles that it works with', () => {
    const text = JSON.stringify(properties(docker, 'DockerCapacity'));
    for (const name of ['Cluster', 'DockerInfrastructureRole', 'DockerInstanceProfile'])
      expect(text).toContain(`"${name}"`);
  });
});
