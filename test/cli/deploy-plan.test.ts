import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { changesBetween } from '../../cli/deploy/plan/changes.ts';
import { kindOf, rankOf } from '../../cli/deploy/plan/kinds.ts';
import { type DeployedBuild, losesSomething, planDeployment } from '../../cli/deploy/plan/plan.ts';
import { priceOf } from '../../cli/deploy/plan/price.ts';
import { showPlan } from '../../cli/deploy/plan/show-plan.ts';
import type { RawParameters } from '../../infra/parameters.ts';
import { resolveTemplate, type Template } from '../../infra/template.ts';
import { VERSION } from '../../infra/version.ts';
import { packageSkeleton } from '../infra/skeleton.ts';
import { EXISTING, parametersWith, VARIANTS } from '../infra/variants.ts';

const PLACE = {
  ...{ stack: 'oneshot-dev', stage: 'dev', account: '123456789012' },
  ...{ region: 'us-east-1', partition: 'aws' },
};
const SITE = { region: 'us-east-1', partition: 'aws' };
type Changes = Partial<RawParameters>;

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;
beforeAll(async () => {
  templateWith = await packageSkeleton();
}, 300_000);

const build = (changes: Changes) => ({
  template: structuredClone(templateWith(changes)) as Template,
  codes: new Map<string, string>(),
});
const deployed = (changes: Changes, more: Partial<DeployedBuild> = {}): DeployedBuild => ({
  ...{ ...build(changes), version: '0.1.0', liveTasks: 0 },
  ...more,
});
const planOf = (from: DeployedBuild | undefined, to: ReturnType<typeof build>) =>
  planDeployment(PLACE, from, to, parametersWith({}));

/** Without the codes of colours. */
const shown = (...[from, to]: Parameters<typeof planOf>) =>
  stripVTControlCharacters(showPlan(planOf(from, to), 100));

const resource = (Type: string, Properties: object, more: object = {}) => ({ Type, Properties, ...more });
const template = (Resources: object): Template => ({ Resources }) as Template;
const actions = (from: object, to: object) =>
  changesBetween(template(from), template(to)).map(({ action, id }) => `${action} ${id}`);

describe('what CloudFormation does from one template to the next', () => {
  const queue = (QueueName: string, DelaySeconds = 1) =>
    resource('AWS::SQS::Queue', { QueueName, DelaySeconds });

  it('should be nothing where nothing differs', () => {
    expect(actions({ Queue: queue('a') }, { Queue: queue('a') })).toEqual([]);
  });

  it('should be to make, to change, to make again what cannot change in place, and to delete', () => {
    const from = {
      Gone: queue('gone'),
      Same: queue('same'),
      Other: queue('other'),
      Renamed: queue('before'),
    };
    const to = { Same: queue('same'), Other: queue('other', 2), Renamed: queue('after'), New: queue('new') };
    expect(actions(from, to)).toEqual(['change Other', 'replace Renamed', 'make New', 'delete Gone']);
  });

  it('should be to make again what refers to something made again where it cannot change, and else to change it', () => {
    const role = (RoleName: string) => resource('AWS::IAM::Role', { RoleName });
    const beside = {
      Policy: resource('AWS::IAM::RolePolicy', { RoleName: { Ref: 'Role' }, PolicyName: 'p' }),
      User: resource('AWS::Lambda::Function', { FunctionName: 'f', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } }),
      Reader: resource('AWS::SSM::Parameter', { Name: 'n', Value: { 'Fn::Sub': `x \${Role.Arn}` } }),
      Stranger: resource('AWS::SSM::Parameter', { Name: 'm', Value: { 'Fn::Sub': `\${AWS::Region}` } }),
    };
    expect(actions({ Role: role('a'), ...beside }, { Role: role('b'), ...beside })).toEqual([
      ...['replace Role', 'replace Policy', 'change User', 'change Reader'],
    ]);
  });

  it('should be to make again what becomes another type', () => {
    expect(actions({ One: queue('a') }, { One: resource('AWS::SNS::Topic', {}) })).toEqual(['replace One']);
  });

  it('should leave behind what has a policy that keeps it', () => {
    const bucket = resource('AWS::S3::Bucket', {}, { DeletionPolicy: 'Retain' });
    expect(changesBetween(template({ Bucket: bucket }), template({}))).toMatchObject([{ isKept: true }]);
  });
});

describe('a template', () => {
  it('should be without what its conditions rule out, by region and partition too', () => {
    const Conditions = {
      InChina: { 'Fn::Equals': [{ Ref: 'AWS::Partition' }, 'aws-cn'] },
      Both: { 'Fn::And': [{ Condition: 'InChina' }, { 'Fn::Not': [{ 'Fn::Equals': ['a', 'b'] }] }] },
    };
    const one = {
      ...template({
        There: resource('AWS::SNS::Topic', { A: { 'Fn::If': ['Both', 'x', { Ref: 'AWS::NoValue' }] } }),
        China: resource('AWS::SNS::Topic', {}, { Condition: 'InChina' }),
      }),
      Conditions,
    };
    expect(resolveTemplate(one, SITE).Resources).toEqual({ There: resource('AWS::SNS::Topic', {}) });
    expect(resolveTemplate(one, { region: 'cn-north-1', partition: 'aws-cn' }).Resources).toMatchObject({
      ...{ There: { Properties: { A: 'x' } }, China: {} },
    });
  });

  it('should have words for each type of resource that there is', () => {
    for (const changes of Object.values(VARIANTS))
      for (const { Type } of Object.values(build(changes).template.Resources))
        expect(rankOf(Type), Type).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(kindOf('AWS::Foo::Bar').one).toBe('Foo Bar');
  });
});

describe('what a deployment costs', () => {
  const priceWith = (changes: Changes) => {
    const { idleUsd, jobsUsd } = priceOf(resolveTemplate(build(changes).template, SITE));
    return [idleUsd.toFixed(2), jobsUsd.toFixed(2)];
  };
  const THREE = { zones: 'us-east-1a,us-east-1b,us-east-1c' };
  // The figures of docs/costs.md: 5.84; 36.50 a gateway; 7.30 an endpoint and zone; 0.43 + 1.20 + 0.30 for the pipeline.
  it.each<readonly [Changes, string, string]>([
    [{}, '5.84', '10.39'],
    [{ network: 'private' }, '42.34', '42.89'],
    [{ network: 'private', natGateways: 'per-zone' }, '78.84', '36.89'],
    [VARIANTS['private, an image of ECR'], '42.34', '9.89'],
    [{ network: 'private', imagePipeline: 'enabled', image: 'pipeline' }, '44.27', '9.89'],
    [{ ...EXISTING }, '5.84', '10.39'],
    [{ ...EXISTING, assignPublicIp: 'DISABLED' }, '5.84', '9.89'],
    [{ endpoints: 'kms' }, '20.44', '10.39'],
    [{ endpoints: 'ecr,kms,logs,sts', ...THREE }, '115.34', '10.39'],
  ])('should be of what is in its template: %j', (changes, idle, jobs) => {
    expect(priceWith(changes)).toEqual([idle, jobs]);
  });
});

describe('a plan', () => {
  it('should say of a first deployment what is made, what is not the default, and what it costs', () => {
    const text = shown(undefined, build({ alarmEmail: 'ops@example.com' }));
    expect(text).toContain(`Plan for oneshot-dev: the first deployment, version ${VERSION}`);
    expect(text).toContain('account 123456789012, us-east-1, stage dev');
    expect(text).toMatch(/make +4 functions, 1 HTTP API, 2 queues, 1 cluster, 2 task definitions/);
    expect(text).toMatch(/parameters +alarmEmail: ops@example.com\n/);
    expect(text).toMatch(/cost +\$5\.84 a month while idle\n +\$10\.39 for 1,000 jobs of 5 minutes/);
    expect(text).not.toMatch(/ (delete|replace|change|running) /);
  });

  it('should be empty where nothing changes', () => {
    const plan = planOf(deployed({}), build({}));
    expect(plan).toMatchObject({ kind: 'same', changes: [], parameters: [] });
    expect(losesSomething(plan)).toBe(false);
  });

  it('should name what goes with a network, what it means, and that it is cheaper', () => {
    const plan = planOf(deployed({ network: 'private' }, { liveTasks: 3 }), build({}));
    const text = shown(deployed({ network: 'private' }, { liveTasks: 3 }), build({}));
    expect(losesSomething(plan)).toBe(true);
    expect(text).toMatch(/NatGatewayA \(NAT gateway\): running tasks behind it lose their way out/);
    expect(text).toMatch(/PrivateSubnetA, PrivateSubnetB \(subnets\): while a task runs in it/);
    expect(text).toMatch(/NatAddressA \(fixed address\)/);
    expect(text).toContain('network: private → public');
    expect(text).toContain('$5.84 a month while idle (now $42.34)');
    expect(text).toMatch(/running +3 tasks run now/);
  });

  it('should see another code of a function, and no other key of the same code', () => {
    const name = 'oneshot-dev-webhook';
    const upload = (key: string, digest: string) => {
      const { template, codes } = build({});
      const webhook = Object(template.Resources['WebhookLambdaFunction']).Properties;
      webhook.Code = { ...webhook.Code, S3Key: key };
      return { template, codes: new Map([...codes, [name, digest]]) };
    };
    const before = deployed({}, upload('one/webhook.zip', 'digest'));
    expect(planOf(before, upload('two/webhook.zip', 'digest')).changes).toEqual([]);
    expect(planOf(before, upload('two/webhook.zip', 'other')).changes).toMatchObject([
      { action: 'change', id: 'WebhookLambdaFunction', properties: ['Code'] },
    ]);
  });

  it('should tell a new revision from what is lost, and the version that it comes from', () => {
    const from = deployed({ image: 'ghcr.io/actions/actions-runner:2.330.0' });
    expect(losesSomething(planOf(from, build({})))).toBe(false);
    expect(shown({ ...from, version: undefined }, build({}))).toContain(
      `from an older version to ${VERSION}`,
    );
    expect(shown(from, build({}))).toMatch(
      /replace +TaskDefinitionX64, TaskDefinitionArm64 \(task definitions\): a new revision; running/,
    );
  });

  it('should say which parameters are new in this version, and when the deployed ones are not known', () => {
    const older = deployed({});
    const { cacheDays: _, ...known } = Object(older.template.Metadata?.['oneshot']).parameters;
    Object(older.template.Metadata)['oneshot'] = { parameters: known };
    expect(shown(older, build({}))).toContain('cacheDays: 14 (new in this version)');
    Object(older.template.Metadata)['oneshot'] = undefined;
    const text = shown(older, build({ alarmEmail: 'ops@example.com' }));
    expect(text).toMatch(/does not say its own; not the default:\n +alarmEmail: ops@example.com\n/);
  });

  it.each([40, 60, 80])('should fit in %i columns', (columns) => {
    const plan = planOf(deployed({ network: 'private' }), build({}));
    const lines = showPlan(plan, columns).split('\n').slice(2);
    for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(columns);
  });
});
