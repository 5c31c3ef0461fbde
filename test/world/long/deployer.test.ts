import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../../cli/main.ts';
import { VERSION } from '../../../infra/version.ts';
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
const MAIL = ['--param', 'alarmEmail=ops@example.com'];
const printed: string[] = [];
const calls: AwsCall[] = [];
const [home, folder] = [process.cwd(), mkdtempSync(path.join(tmpdir(), 'oneshot-deployer-'))];
let world: World;

/** As against AWS, with the deployer's keys: nothing says that this is the embedded world. */
const oneshot = (...args: string[]): Promise<number> => run('--json', ...args);

/** What a person reads, and how it ended. */
async function read(...args: string[]): Promise<{ readonly code: number; readonly text: string }> {
  printed.length = 0;
  const code = await run(...args);
  return { code, text: stripVTControlCharacters(printed.join('\n')) };
}

async function run(...args: string[]): Promise<number> {
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void printed.push(String(line))),
  );
  const where = ['--stage', 'local', '--region', world.aws.region, '--github-url', world.github.url];
  return main([...where, ...args]).finally(() => {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  });
}

const without = (action: string) =>
  policy.map((one) => ({ ...one, Action: asList(one.Action).filter((name) => name !== action) }));

// Each runs osls, which packages the functions.
vi.setConfig({ testTimeout: 600_000 });

const parametersOf = (stack: World['aws']['accountState']['stack']) =>
  Object(stack?.template?.Metadata?.['oneshot']).parameters;
const versionOf = ({ aws }: World) => aws.accountState.stack?.outputs['Version'];

/** As a version left it that had fewer parameters, before the App's webhook was moved and an owner's yes was missing. */
function makeOlder({ aws, github }: World): void {
  const { stack } = aws.accountState;
  if (stack?.template === undefined) throw new Error('nothing is deployed');
  const { cacheDays: _, ...parameters } = parametersOf(stack);
  const Version = '0.0.9';
  stack.outputs = { ...stack.outputs, Version };
  const Outputs = { ...stack.template.Outputs, Version: { Value: Version } };
  stack.template = { ...stack.template, Outputs, Metadata: { oneshot: { parameters } } };
  github.changeInstallation({ permissions: { metadata: 'read', organization_self_hosted_runners: 'write' } });
  github.setWebhookUrl('https://elsewhere.example.com/webhook');
}

/** One story, in this order. */
describe('oneshot with the deployer’s policy, and nothing else', () => {
  beforeAll(async () => {
    // What is deployed is kept in a file of the folder.
    cpSync('runners.yml', path.join(folder, 'runners.yml'));
    process.chdir(folder);
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
    process.chdir(home);
    rmSync(folder, { recursive: true });
    await world?.close();
  });

  it.each(['iam:PassRole', 'ec2:CreateVpc'])(
    'should say that %s is missing, and make no App',
    async (action) => {
      world.aws.accountState.deployerPolicy = without(action);
      printed.length = 0;
      expect(await oneshot('setup', '--deploy', '--yes', ...GITHUB, '--org', 'acme', '--no-open')).toBe(1);
      expect(printed.join('\n')).toContain(`not authorized to perform: ${action} on resource`);
      expect(printed.join('\n')).not.toContain('http://127.0.0.1');
      world.aws.accountState.deployerPolicy = policy;
      world.aws.accountState.stack = undefined;
      world.aws.accountState.objects.clear();
    },
  );

  it('should show a plan, and deploy nothing where nobody says that it may', async () => {
    const asked = await read('deploy', ...GITHUB);
    expect(asked.text).toMatch(
      /Plan for oneshot-local: the first deployment.*error this command asks.*--yes/s,
    );
    expect(asked.code).toBe(2);
    printed.length = 0;
    expect(await oneshot('deploy', '--plan', ...GITHUB)).toBe(0);
    expect(JSON.parse(printed.join(''))).toMatchObject({
      ...{ kind: 'first', place: { stack: 'oneshot-local', account: world.aws.account } },
      parameters: [{ name: 'githubApiUrl' }],
    });
    expect(world.aws.accountState.stack).toBeUndefined();
  });

  it('should deploy and set up', async () => {
    printed.length = 0;
    const flags = ['--org', 'acme', '--no-open', '--workflow', 'none'];
    const done = oneshot('setup', '--deploy', '--yes', ...GITHUB, ...flags);
    await makeApp(await addressPrinted(printed, 'http://127.0.0.1', 200));
    await submitForm('', await addressPrinted(printed, 'installations/new', 60));
    expect(await done, printed.join('\n')).toBe(0);
  });

  it('should deploy a changed parameter', async () => {
    const { code, text } = await read('deploy', '--yes', ...GITHUB, ...MAIL);
    expect(text).toMatch(/parameters +alarmEmail: none → ops@example.com/);
    expect(text).toMatch(/\d:\d\d {2}✓ made {5}alarm topic AlarmTopic\n.*is deployed in us-east-1/s);
    expect(text).not.toMatch(/osls|serverless/i);
    expect(code).toBe(0);
    expect(world.aws.accountState.stack?.events?.map(({ logicalId }) => logicalId)).toContain('AlarmTopic');
  });

  it('should change nothing where nothing differs, but open what a removal had closed', async () => {
    const { stack, functions } = world.aws.accountState;
    const webhook = functions.get('oneshot-local-webhook');
    if (webhook) webhook.reservedConcurrency = 0;
    const before = stack?.events;
    const { code, text } = await read('deploy', ...GITHUB, ...MAIL);
    expect(text).toMatch(/nothing to change.*opened again.*oneshot-local-webhook.*as it should be already/s);
    expect([code, webhook?.reservedConcurrency, stack?.events === before]).toEqual([0, undefined, true]);
  });

  it('should name the resource that failed first and why, and nothing of what osls prints', async () => {
    world.aws.accountState.deployerPolicy = without('ec2:AllocateAddress');
    const { code, text } = await read('deploy', '--yes', ...GITHUB, ...MAIL, '--param', 'network=private');
    world.aws.accountState.deployerPolicy = policy;
    expect(text).toMatch(/✗ failed {3}fixed address NatAddressA:.*takes back what it did/s);
    expect(text).toMatch(
      /error oneshot-local was not deployed: fixed address NatAddressA: .*ec2:AllocateAddress.*\nfix /,
    );
    expect(text).not.toMatch(/osls|serverless/i);
    expect(code).toBe(1);
    // Nobody can go back to it: what is kept are the two that were deployed.
    const kept = [...world.aws.accountState.objects.keys()].filter((key) => key.endsWith('template.json'));
    expect(kept).toHaveLength(2);
  });

  it('should show what going back to the deployment before changes, and go back', async () => {
    const { stack } = world.aws.accountState;
    const back = await read('upgrade', '--back', ...GITHUB);
    expect(back.text).toMatch(/delete +AlarmTopic \(alarm topic\): .*parameters +alarmEmail: ops@.* → none/s);
    expect(back).toMatchObject({ code: 2, text: expect.stringContaining('give --yes') });
    const { code, text } = await read('upgrade', '--back', '--yes', ...GITHUB);
    expect(text).toMatch(/✓ deleted +alarm topic AlarmTopic.*is back at version/s);
    expect([code, parametersOf(stack).alarmEmail]).toEqual([0, '']);
    const more = await read('upgrade', '--back', '--yes', ...GITHUB);
    expect(more.text).toMatch(/nothing else .* is kept in the bucket.*VERSION deploy/s);
    expect(more.code).toBe(1);
  });

  it('should deploy again what it went back from', async () => {
    const { code, text } = await read('deploy', '--yes', ...GITHUB, ...MAIL);
    expect(text).toMatch(/✓ made {5}alarm topic AlarmTopic/);
    expect([code, parametersOf(world.aws.accountState.stack).alarmEmail]).toEqual([0, 'ops@example.com']);
  });

  it('should upgrade from an older version: say what is new and whom it needs, deploy it, and put the hook right', async () => {
    makeOlder(world);
    const shown = await read('upgrade', '--plan', ...GITHUB, ...MAIL);
    expect(shown.text).toMatch(/Unreleased\n.*accepts actions: read:\n +http:.*installations\/\d+\n/s);
    expect(shown.text).toMatch(/from version 0\.0\.9 to \d.*cacheDays: 14 \(new in this version\)/s);
    expect([shown.code, versionOf(world)]).toEqual([0, '0.0.9']);
    const { code, text } = await read('upgrade', '--yes', ...GITHUB, ...MAIL);
    expect(text).toMatch(/pointing the App's webhook here.*is at version \d+\.\d+\.\d+, after/s);
    expect(text).toMatch(/At GitHub, before jobs can run with this version:\n.*accepts actions: read/);
    expect([code, versionOf(world)]).toEqual([0, VERSION]);
    expect((await read('upgrade', ...GITHUB, ...MAIL)).text).toMatch(/nothing is to be changed/);
  });

  it('should not upgrade to what is older than what is deployed', async () => {
    const { stack } = world.aws.accountState;
    if (stack) stack.outputs = { ...stack.outputs, Version: '99.0.0' };
    const { code, text } = await read('upgrade', '--yes', ...GITHUB);
    expect(text).toMatch(/version 99\.0\.0 is deployed, and this program is version .*\nfix .*--back/);
    expect(code).toBe(2);
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
