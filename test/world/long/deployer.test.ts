import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../../cli/main.ts';
import { readInfraPolicy } from '../../../local/aws/iam/deployer.ts';
import { asList } from '../../../local/aws/iam/evaluate.ts';
import { needsOf } from '../../../local/aws/iam/needs.ts';
import type { AwsCall } from '../../../local/aws/index.ts';
import type { World } from '../../../local/world/start-world.ts';
import { addressPrinted, forgetApp, makeApp, submitForm } from '../../cli/person.ts';
import { startTestWorld } from '../../fixtures/world.ts';
import { OSLS_CALLS } from '../../infra/deployer-proofs.ts';

const policy = readInfraPolicy('deployer-policy.json');
/** The functions' GitHub must be one of https; the command's is the world's. */
const GITHUB = ['--param', 'githubApiUrl=https://github.example.com/api/v3'];
const printed: string[] = [];
const calls: AwsCall[] = [];
let world: World;

/** As against AWS, with the deployer's keys: nothing says that this is the embedded world. */
async function oneshot(...args: string[]): Promise<number> {
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void printed.push(String(line))),
  );
  const where = ['--stage', 'local', '--region', world.aws.region, '--github-url', world.github.url];
  return main([...where, '--json', ...args]).finally(() => {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  });
}

const without = (action: string) =>
  policy.map((one) => ({ ...one, Action: asList(one.Action).filter((name) => name !== action) }));

// Each runs osls, which packages the functions.
vi.setConfig({ testTimeout: 240_000 });

/** One story, in this order. */
describe('oneshot with the deployer’s policy, and nothing else', () => {
  beforeAll(async () => {
    world = await startTestWorld();
    await world.github.ping();
    forgetApp(world);
    const { url, region, deployerCredentials, accountState } = world.aws;
    accountState.stack = undefined;
    vi.stubEnv('AWS_ENDPOINT_URL', url);
    vi.stubEnv('AWS_REGION', region);
    vi.stubEnv('AWS_ACCESS_KEY_ID', deployerCredentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', deployerCredentials.secretAccessKey);
    // The world's buckets take a body as it is.
    vi.stubEnv('AWS_REQUEST_CHECKSUM_CALCULATION', 'WHEN_REQUIRED');
    vi.stubEnv('SLS_AWS_MONITORING_FREQUENCY', '20');
    world.aws.on('call', (call) => calls.push(call));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await world?.close();
  });

  it.each(['iam:PassRole', 'ec2:CreateVpc'])(
    'should say that %s is missing, and make no App',
    async (action) => {
      world.aws.accountState.deployerPolicy = without(action);
      printed.length = 0;
      expect(await oneshot('setup', '--deploy', ...GITHUB, '--org', 'acme', '--no-open')).toBe(1);
      expect(printed.join('\n')).toContain(`not authorized to perform: ${action} on resource`);
      expect(printed.join('\n')).not.toContain('http://127.0.0.1');
      world.aws.accountState.deployerPolicy = policy;
      world.aws.accountState.stack = undefined;
    },
  );

  it('should deploy and set up', async () => {
    printed.length = 0;
    const flags = ['--org', 'acme', '--no-open', '--workflow', 'none'];
    const done = oneshot('setup', '--deploy', ...GITHUB, ...flags);
    await makeApp(await addressPrinted(printed, 'http://127.0.0.1', 200));
    await submitForm('', await addressPrinted(printed, 'installations/new', 60));
    expect(await done, printed.join('\n')).toBe(0);
  });

  it('should deploy a changed parameter', async () => {
    expect(
      await oneshot('deploy', ...GITHUB, '--param', 'alarmEmail=ops@example.com'),
      printed.join('\n'),
    ).toBe(0);
    expect(world.aws.accountState.stack?.events?.map(({ logicalId }) => logicalId)).toContain('AlarmTopic');
  });

  it('should remove everything', async () => {
    expect(await oneshot('teardown', '--yes'), printed.join('\n')).toBe(0);
    expect(world.aws.accountState.stack).toBeUndefined();
  });

  it('should have asked of CloudFormation and S3 what the list of osls’ calls has', () => {
    const { region, account, clusterArn, keyArn } = world.aws;
    const deployment = {
      region,
      account,
      clusterArn,
      keyArn,
      stack: 'oneshot-local',
      taskRoles: [],
      sourceIp: '',
    };
    const ofThese = (actions: readonly string[]) =>
      [...new Set(actions)].filter((action) => /^(cloudformation|s3):/.test(action)).toSorted();
    const asked = calls.flatMap((call) => needsOf(call, deployment)).map(({ action }) => action);
    expect(ofThese(asked)).toEqual(ofThese(OSLS_CALLS.map(({ action }) => action)));
  });
});
