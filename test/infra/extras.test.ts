import { beforeAll, describe, expect, it } from 'vitest';
import { packageSkeleton } from './skeleton.ts';
import { at, properties, resolveConditions, statementsOf } from './template.ts';
import { UNSCOPABLE } from './unscopable.ts';

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;

beforeAll(async () => {
  templateWith = await packageSkeleton();
}, 300_000);

const deployed = (changes: Parameters<typeof templateWith>[0]) => resolveConditions(templateWith(changes));
const containerOf = (changes: Parameters<typeof templateWith>[0], arch: string) =>
  Object(at(properties(deployed(changes), `TaskDefinition${arch}`), 'ContainerDefinitions', 0));

describe.each(['X64', 'Arm64'])('/dev/shm of a task (%s)', (arch) => {
  it('should be what Fargate gives, unless a size is asked for', () => {
    expect(containerOf({}, arch)).not.toHaveProperty('LinuxParameters');
  });

  it('should be a tmpfs of the size that is asked for', () => {
    expect(containerOf({ sharedMemoryMiB: '1024' }, arch).LinuxParameters).toEqual({
      Tmpfs: [{ ContainerPath: '/dev/shm', Size: 1024, MountOptions: ['rw', 'nosuid', 'nodev'] }],
    });
  });
});

describe('the diagnostics of the runner', () => {
  it.each([
    ['disabled', '0'],
    ['enabled', '1'],
  ])('should be %s in the task', (diagnostics, Value) => {
    expect(containerOf({ diagnostics }, 'X64').Environment).toContainEqual({
      Name: 'ONESHOT_DIAGNOSTICS',
      Value,
    });
  });
});

describe('ECS Exec', () => {
  const exec = (changes: Parameters<typeof templateWith>[0]) =>
    statementsOf(deployed(changes), 'TaskRole').filter(({ Sid }) => Sid === 'SpeakToSessionManager');
  const told = (changes: Parameters<typeof templateWith>[0]) =>
    at(
      properties(deployed(changes), 'WebhookLambdaFunction'),
      'Environment',
      'Variables',
      'ONESHOT_EXEC_COMMAND',
    );

  it('should be neither allowed nor asked for, unless the parameter says so', () => {
    expect(exec({})).toEqual([]);
    expect(told({})).toBe('disabled');
  });

  it('should be what Session Manager needs, and no more', () => {
    const [of] = exec({ execCommand: 'enabled' });
    const names = ['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'];
    expect(of?.Action).toEqual(names.map((name) => `ssmmessages:${name}`));
    expect(UNSCOPABLE).toHaveProperty([names.map((name) => `ssmmessages:${name}`).join()]);
    expect(told({ execCommand: 'enabled' })).toBe('enabled');
  });

  it('should put no init before the supervisor', () => {
    expect(
      JSON.stringify(containerOf({ execCommand: 'enabled', sharedMemoryMiB: '65' }, 'X64')),
    ).not.toContain('InitProcessEnabled');
  });
});

describe('the bucket for caches', () => {
  const bucket = () => deployed({ cacheBucket: 'enabled', cacheDays: '7' });

  it('should be there only if it is asked for', () => {
    expect(deployed({}).Resources).not.toHaveProperty('CacheBucket');
    expect(deployed({}).Outputs).not.toHaveProperty('CacheBucketName');
    expect(bucket().Outputs).toHaveProperty('CacheBucketName');
  });

  it('should be closed to the public, encrypted, and empty itself', () => {
    expect(properties(bucket(), 'CacheBucket')).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: {
        Rules: [{ ExpirationInDays: 7, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
      },
    });
  });

  it('should be reached by TLS only, and not by the role that all jobs share', () => {
    const statements = at(properties(bucket(), 'CacheBucketPolicy'), 'PolicyDocument', 'Statement');
    const all = [{ 'Fn::GetAtt': ['CacheBucket', 'Arn'] }, { 'Fn::Sub': `\${CacheBucket.Arn}/*` }];
    const denial = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: all };
    expect(statements).toEqual([
      { ...denial, Sid: 'TlsOnly', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        ...denial,
        Sid: 'NotByTheRoleOfAllJobs',
        Condition: { ArnEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': ['TaskRole', 'Arn'] } } },
      },
    ]);
  });

  it('should stay with its policy when the stack goes, as it cannot be removed while caches are in it', () => {
    for (const name of ['CacheBucket', 'CacheBucketPolicy'])
      expect(bucket().Resources[name]).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      });
  });
});
