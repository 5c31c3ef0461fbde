import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadBuildspec } from '../../infra/image-files.ts';
import { ROOT } from './osls.ts';
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
import { VARIANTS } from './variants.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'oneshot-image-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const folder = () => mkdtempSync(path.join(scratch, 'x-'));

describe('the buildspec', () => {
  const commands = (buildspec: string): string[] =>
    at(parse(buildspec), 'phases', 'build', 'commands') as string[];

  it('should write the files of image/, byte for byte but for the comments of long scripts, and then publish', () => {
    const all = commands(loadBuildspec(path.join(ROOT, 'image')));
    expect(all.at(-1)).toBe('bash image/publish.sh');
    const cwd = folder();
    for (const command of all.slice(0, -1)) execFileSync('bash', ['-c', command], { cwd });
    // What bash reads is the same: it prints a script without its comments, and with an empty line for some.
    const read = (from: string, file: string) =>
      execFileSync('bash', ['--pretty-print', path.join(from, 'image', file)], {
        encoding: 'utf8',
      }).replaceAll(/\n+/g, '\n');
    for (const file of ['entrypoint.sh', 'publish.sh', 'smoke-job.sh'])
      expect(read(cwd, file)).toBe(read(ROOT, file));
    for (const file of ['Dockerfile', 'smoke-test.sh'])
      expect(readFileSync(path.join(cwd, 'image', file))).toEqual(
        readFileSync(path.join(ROOT, 'image', file)),
      );
  });

  it('should reach CodeBuild as it is', async () => {
    const { resolved } = await packageService({ parameters: VARIANTS['private, everything on'] });
    for (const [, project] of ofType(resolved, 'AWS::CodeBuild::Project'))
      expect(at(project, 'Source', 'BuildSpec')).toBe(loadBuildspec(path.join(ROOT, 'image')));
  }, 300_000);

  const withFiles = (files: Record<string, string>): string => {
    const image = folder();
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(image, name)), { recursive: true });
      writeFileSync(path.join(image, name), text);
    }
    return image;
  };

  it('should bring what somebody adds to the folder, in its place', () => {
    const odd = {
      'certificates/acme.crt': 'acme',
      bytes: '\0\u{fffd}\n',
      'a b': 'END-OF-THE-FILE\n$HOME `id` \\\n',
    };
    const image = withFiles({ 'buildspec.yml': 'a:\n  - FILES\n', ...odd });
    const [command] = at(parse(loadBuildspec(image)), 'a') as string[];
    const cwd = folder();
    execFileSync('bash', ['-c', String(command)], { cwd });
    for (const [name, text] of Object.entries(odd))
      expect(readFileSync(path.join(cwd, 'image', name), 'utf8'), name).toBe(text);
  });

  it('should keep each line of a supervisor that has a text of several lines within it', () => {
    const text = "#!/bin/bash\n# a comment\ncat <<'X'\n# a line of the text\nX\n";
    const image = withFiles({ 'buildspec.yml': 'a:\n  - FILES\n', 'entrypoint.sh': text });
    const cwd = folder();
    execFileSync('bash', ['-c', String(at(parse(loadBuildspec(image)), 'a', 0))], { cwd });
    expect(readFileSync(path.join(cwd, 'image/entrypoint.sh'), 'utf8')).toBe(text);
  });

  it('should be refused where it is longer than CodeBuild takes', () => {
    const noise = Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 9973).join('');
    const image = withFiles({ 'buildspec.yml': 'a:\n  - FILES\n', tool: noise });
    expect(() => loadBuildspec(image)).toThrow(/CodeBuild takes 25600.*download what is large/s);
  });

  it('should be refused where it has no place for the files', () => {
    expect(() => loadBuildspec(withFiles({ 'buildspec.yml': 'a: []\n' }))).toThrow(/has no line FILES/);
  });
});

describe('the image pipeline', () => {
  let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;
  let on: Template;
  beforeAll(async () => {
    templateWith = await packageSkeleton();
    on = resolveConditions(templateWith({ imagePipeline: 'enabled' }));
  }, 300_000);

  it('should not be there unless asked for', () => {
    const { Resources } = resolveConditions(templateWith({}));
    expect(Object.keys(Resources).filter((name) => name.startsWith('Image'))).toEqual([]);
  });

  it('should build for both architectures, each on its own kind of machine, each week', () => {
    for (const [name, type, image] of [
      ['ImageBuildX64', 'LINUX_CONTAINER', 'aws/codebuild/amazonlinux-x86_64-standard:5.0'],
      ['ImageBuildArm64', 'ARM_CONTAINER', 'aws/codebuild/amazonlinux-aarch64-standard:3.0'],
    ] as const)
      expect(properties(on, name)).toMatchObject({
        Environment: { Type: type, Image: image, PrivilegedMode: true },
        ConcurrentBuildLimit: 1,
      });
    const schedule = properties(on, 'ImageBuildSchedule');
    expect(schedule['ScheduleExpression']).toBe('cron(0 4 ? * MON *)');
    expect((schedule['Targets'] as unknown[]).map((target) => at(target, 'Arn', 'Fn::GetAtt', 0))).toEqual([
      'ImageBuildX64',
      'ImageBuildArm64',
    ]);
  });

  it('should leave arm64 out where runners.yml does: not every region has machines for it', () => {
    const template = resolveConditions(templateWith(VARIANTS['private, everything on'], { arm64: 'false' }));
    const arm = Object.keys(template.Resources).filter((name) => name.includes('Arm64'));
    expect(arm).toEqual([]);
    expect(JSON.stringify(template)).not.toMatch(/ImageBuildArm64|TaskDefinitionArm64/);
    expect(at(properties(template, 'ImageBuildAlarm'), 'Metrics', 0, 'Expression')).toBe(
      'FILL(x64, 0) + FILL(notStarted, 0)',
    );
    expect(at(properties(template, 'SweepLambdaFunction'), 'Environment', 'Variables')).toMatchObject({
      ONESHOT_TASK_DEFINITION_ARM64: { Ref: 'TaskDefinitionX64' },
    });
  });

  it('should tell the script all that it asks for', () => {
    const variables = at(properties(on, 'ImageBuildArm64'), 'Environment', 'EnvironmentVariables');
    expect(variables).toEqual([
      { Name: 'REPOSITORY', Value: { 'Fn::GetAtt': ['ImageRepository', 'RepositoryUri'] } },
      { Name: 'OFFICIAL', Value: 'ghcr.io/actions/actions-runner' },
      { Name: 'BUILDKIT', Value: '' },
      { Name: 'LAYERS', Value: 'lazy' },
      { Name: 'SMOKE_ACTIONS', Value: 'https://github.com/actions' },
      { Name: 'SMOKE_FUNCTION', Value: { Ref: 'SweepLambdaFunction' } },
      { Name: 'ARCHITECTURE', Value: 'arm64' },
      { Name: 'VERSION_PARAMETER', Value: { Ref: 'ImageVersionArm64' } },
    ]);
  });

  it('should scan what is pushed, forget what is old, and be removable with images in it', () => {
    const repository = properties(on, 'ImageRepository');
    expect(repository).toMatchObject({
      EmptyOnDelete: true,
      ImageScanningConfiguration: { ScanOnPush: true },
    });
    const { rules } = JSON.parse(String(at(repository, 'LifecyclePolicy', 'LifecyclePolicyText')));
    const prefixes = rules.map((rule: unknown) => at(rule, 'selection', 'tagPrefixList', 0));
    // Those of single builds: `x64` itself, which tasks pull, and `candidate-x64` begin with none of them.
    expect(prefixes).toEqual(['x64-', 'arm64-', undefined]);
  });

  it('should let tasks pull what it built last, where the parameter says so, and the given image elsewhere', () => {
    const imageOf = (template: Template, name: string) =>
      at(properties(template, name), 'ContainerDefinitions', 0, 'Image');
    const pipeline = resolveConditions(templateWith({ imagePipeline: 'enabled', image: 'pipeline' }));
    for (const [name, tag] of [
      ['TaskDefinitionX64', 'x64'],
      ['TaskDefinitionArm64', 'arm64'],
    ] as const) {
      expect(imageOf(pipeline, name)).toEqual({ 'Fn::Sub': `\${ImageRepository.RepositoryUri}:${tag}` });
      expect(imageOf(on, name)).toBe('ghcr.io/actions/actions-runner:2.336.0');
    }
    const pull = statementsOf(pipeline, 'ExecutionRole').find(({ Sid }) => Sid === 'PullImage');
    expect(pull?.Resource).toEqual({ 'Fn::GetAtt': ['ImageRepository', 'Arn'] });
  });

  it('should be pulled with the credentials that a private registry asks for', () => {
    const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:ci/runner-AbCdEf';
    const changes = { image: 'registry.example.com/ci/runner:1', imageCredentials: secret };
    const template = resolveConditions(templateWith(changes));
    for (const name of ['TaskDefinitionX64', 'TaskDefinitionArm64'])
      expect(
        at(
          properties(template, name),
          'ContainerDefinitions',
          0,
          'RepositoryCredentials',
          'CredentialsParameter',
        ),
      ).toBe(secret);
    const [read, decrypt] = statementsOf(template, 'ExecutionRole').slice(-2);
    expect(read).toMatchObject({ Action: 'secretsmanager:GetSecretValue', Resource: secret });
    expect(decrypt?.Condition?.['StringEquals']).toEqual({
      'kms:ViaService': { 'Fn::Sub': expect.stringMatching(/^secretsmanager\..*URLSuffix/) },
      'kms:EncryptionContext:SecretARN': secret,
    });
    expect(JSON.stringify(on)).not.toMatch(/RepositoryCredentials|secretsmanager/);
  });

  it('should let the first pull of an image fill the cache that its repository may be, and no other', () => {
    const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/github/actions/actions-runner:2.336.0';
    const statements = statementsOf(resolveConditions(templateWith({ image })), 'ExecutionRole');
    expect(statements.find(({ Sid }) => Sid === 'FillCache')).toMatchObject({
      Action: ['ecr:BatchImportUpstreamImage', 'ecr:CreateRepository'],
      Resource: 'arn:aws:ecr:us-east-1:123456789012:repository/github/actions/actions-runner',
    });
    expect(JSON.stringify(on)).not.toContain('BatchImportUpstreamImage');
  });

  it('should let a build push to its repository, log and take its smoke test, and the schedule start builds, and nothing else', () => {
    const granted = (role: string) =>
      statementsOf(on, role).map(({ Action, Resource }) => [asList(Action), Resource]);
    expect(granted('ImageBuildRole')).toEqual([
      [
        ['logs:CreateLogStream', 'logs:PutLogEvents'],
        { 'Fn::Sub': expect.stringMatching(/:log-group:\/oneshot\/dev\/image-builds:\*$/) },
      ],
      [expect.arrayContaining(['ecr:PutImage']), { 'Fn::GetAtt': ['ImageRepository', 'Arn'] }],
      [['ssm:PutParameter'], [expect.anything(), expect.anything()]],
      [['lambda:GetFunction'], { 'Fn::GetAtt': ['SweepLambdaFunction', 'Arn'] }],
      [['ecr:GetAuthorizationToken'], '*'],
    ]);
    expect(granted('ImageScheduleRole')).toEqual([
      [
        ['codebuild:StartBuild'],
        [{ 'Fn::GetAtt': ['ImageBuildX64', 'Arn'] }, { 'Fn::GetAtt': ['ImageBuildArm64', 'Arn'] }],
      ],
    ]);
  });

  it('should raise an alarm when a build fails or is not started, and say what to do', () => {
    const alarm = properties(on, 'ImageBuildAlarm');
    expect(alarm['AlarmDescription']).toMatch(/oneshot-dev-image-x64/);
    const metrics = alarm['Metrics'] as { Id: string; Expression?: string }[];
    const ids = metrics.filter(({ Expression }) => Expression === undefined).map(({ Id }) => Id);
    expect(metrics[0]?.Expression).toBe(
      ['x64', 'arm64', 'notStarted'].map((id) => `FILL(${id}, 0)`).join(' + '),
    );
    expect(ids.toSorted()).toEqual(['arm64', 'notStarted', 'x64']);
    const refused = metrics.find(({ Id }) => Id === 'notStarted');
    expect(at(refused, 'MetricStat', 'Metric')).toEqual({
      ...{ Namespace: 'AWS/Events', MetricName: 'FailedInvocations' },
      Dimensions: [{ Name: 'RuleName', Value: { Ref: 'ImageBuildSchedule' } }],
    });
    // Within the hour of the schedule, and not after a day of attempts.
    const targets = properties(on, 'ImageBuildSchedule')['Targets'] as unknown[];
    for (const target of targets)
      expect(at(target, 'RetryPolicy')).toEqual({ MaximumEventAgeInSeconds: 3600 });
  });

  it('should have a place for the version of each architecture, which the sweep may read where tasks pull it', () => {
    const names = ['X64', 'Arm64'].map((name) => properties(on, `ImageVersion${name}`)['Name']);
    expect(names).toEqual(['/oneshot/dev/image/x64', '/oneshot/dev/image/arm64']);
    const readsVersions = (parameters: Record<string, string>) =>
      statementsOf(resolveConditions(templateWith(parameters)), 'SweepRole').some(
        ({ Sid }) => Sid === 'ReadImageVersions',
      );
    expect(readsVersions({ imagePipeline: 'enabled', image: 'pipeline' })).toBe(true);
    expect(readsVersions({ imagePipeline: 'enabled' })).toBe(false);
  });
});
