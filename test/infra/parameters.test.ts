import { describe, expect, it } from 'vitest';
import { egressRules, runnerImage, zoneConditions, zoneLetters } from '../../infra/derive.ts';
import { asText } from '../../infra/load-parameters.ts';
import { findProblems, PARAMETER_NAMES, type RawParameters, readParameters } from '../../infra/parameters.ts';
import { packageService } from './package-service.ts';
import { parametersWith } from './variants.ts';

const DEPLOYMENT = { stack: 'oneshot-dev', region: 'us-east-1' };
const EXISTING = { network: 'existing', subnets: 'subnet-0123456789abcdef0', securityGroups: 'sg-01234567' };

const problemsWith = (changes: Partial<RawParameters>, deployment = DEPLOYMENT) =>
  findProblems(parametersWith(changes), deployment);

describe('the parameters of the deployment', () => {
  it('should be those of serverless.yml, in its order', () => {
    expect(Object.keys(parametersWith({}))).toEqual(PARAMETER_NAMES);
  });

  it('should have defaults without a problem', () => {
    expect(problemsWith({})).toEqual([]);
  });

  const fine: Partial<RawParameters>[] = [
    { network: 'public' },
    EXISTING,
    { ...EXISTING, subnets: 'subnet-01234567, subnet-89abcdef', assignPublicIp: 'ENABLED' },
    { vpcCidr: '172.16.4.0/24' },
    { zones: 'us-east-1a,us-east-1b' },
    { zones: 'us-east-1b, us-east-1d, us-east-1c', natGateways: 'per-zone' },
    { zones: 'us-east-1a,us-east-1b,us-east-1c,us-east-1d' },
    { egressCidrs: '10.0.0.0/8,192.30.252.0/22' },
    { egressCidrs: '10.0.0.0/8', egressPrefixLists: 'pl-01234567, pl-0123456789abcdef0' },
    { network: 'private', functionsInVpc: 'enabled' },
    { ...EXISTING, functionsInVpc: 'enabled' },
    { httpProxy: 'http://proxy.example.com:3128/', noProxy: 'github.example.com, .internal,10.0.0.1' },
    { image: 'ubuntu:24' },
    { image: 'registry.example.com:5000/ci/runner:1.2', imageCredentials: 'none' },
    {
      image: 'registry.example.com/ci/runner:1.2',
      imageCredentials: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:ci/runner-AbCdEf',
    },
    { image: 'quay.io/acme/runner:1' },
    { image: 'acme/runner:1' },
    { imageBase: 'registry.example.com:5000/actions/runner' },
    { imageBuildkit: `registry.example.com/moby/buildkit@sha256:${'0'.repeat(64)}` },
    { imageActions: 'https://github.example.com:8443/mirrors/actions/' },
    { imageActions: 'none' },
    { image: `ghcr.io/actions/actions-runner@sha256:${'0'.repeat(64)}` },
    { imagePipeline: 'enabled' },
    { imagePipeline: 'enabled', image: 'pipeline', imageLayers: 'zstd' },
    { endpoints: 'kms, logs' },
    { network: 'public', endpoints: 'ecr,kms,logs,sts' },
    { sharedMemoryMiB: '1024', diagnostics: 'enabled', execCommand: 'enabled' },
    { cacheBucket: 'enabled', cacheDays: '30' },
    { jobBuckets: 'acme-artifacts, cache.acme.example' },
    { jobPolicies: 'arn:aws:iam::aws:policy/service-role/A,arn:aws:iam::123456789012:policy/b' },
    { logRetentionDays: '365' },
    { environment: '{}' },
    {
      environment:
        '{"TZ":"Europe/Berlin","NO_PROXY":"a,b","MAKEFLAGS":"-j2","A_1":1,"PROXY":"http://proxy:3128"}',
    },
    {
      environment:
        '{"RUNNER_UPDATE_CA_CERTS":"1","ACTIONS_RUNNER_CONTAINER_HOOKS":"/hook.sh","HOME":"/work"}',
    },
    { githubApiUrl: 'https://github.example.com/api/v3' },
    { githubApiUrl: 'https://api.acme.ghe.com/' },
    { alarmTopics: 'arn:aws:sns:us-east-1:123456789012:alarms, arn:aws:sns:us-east-1:123456789012:more' },
    { alarmEmail: 'ops@example.com' },
    { alarmEmail: 'ops@example.com', weeklySummary: 'enabled' },
    { alarmTopics: 'arn:aws:sns:us-east-1:123456789012:alarms', weeklySummary: 'enabled' },
    { fipsEndpoints: 'enabled', dualStackEndpoints: 'enabled' },
    { permissionsBoundary: 'arn:aws-us-gov:iam::123456789012:policy/team/boundary' },
  ];
  it.each(fine)('should take %j', (changes) => {
    expect(problemsWith(changes)).toEqual([]);
  });

  const bad: [keyof RawParameters, string, RegExp][] = [
    ['network', 'Private', /choose private, public, existing/],
    ['vpcCidr', '10.0.0.1/16', /first address of a range of \/16 to \/24/],
    ['vpcCidr', '10.0.0.0/15', /\/16 to \/24/],
    ['vpcCidr', '10.0.0.0/25', /\/16 to \/24/],
    ['vpcCidr', '10.0.300.0/24', /\/16 to \/24/],
    ['vpcCidr', '', /like 10.83.0.0\/16/],
    ['zones', 'us-east-1a', /two to four different zones of us-east-1/],
    ['zones', 'us-east-1a,us-east-1a', /different/],
    ['zones', 'us-west-1a,us-west-1c', /zones of us-east-1/],
    ['zones', 'us-east-1a,us-east-1f', /out of a, b, c and d/],
    ['natGateways', 'two', /choose one, per-zone/],
    ['egressCidrs', '', /give IPv4 ranges/],
    ['egressCidrs', '10.0.0.0/8,::/0', /give IPv4 ranges/],
    ['subnets', 'subnet-01234567', /set network=existing/],
    ['securityGroups', 'sg-01234567', /set network=existing/],
    ['assignPublicIp', 'true', /choose ENABLED, DISABLED/],
    ['egressPrefixLists', 'com.amazonaws.us-east-1.s3', /ids of managed prefix lists/],
    ['functionsInVpc', 'true', /choose disabled, enabled/],
    ['httpProxy', 'proxy.example.com:3128', /like http:\/\/proxy.example.com:3128/],
    ['httpProxy', 'http://proxy.example.com/path', /without path/],
    ['noProxy', 'github.example.com', /give httpProxy too/],
    ['image', 'ghcr.io/actions/actions-runner', /name a tag or a digest/],
    ['image', 'registry.example.com:5000/runner', /name a tag or a digest/],
    ['image', 'https://ghcr.io/actions/actions-runner:1', /name a tag or a digest/],
    ['image', 'pipeline', /imagePipeline=enabled/],
    ['imageCredentials', 'password', /ARN of a secret in us-east-1, or "none"/],
    ['imageCredentials', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a', /in us-east-1/],
    ['imageBase', 'ghcr.io/actions/actions-runner:2', /without a tag/],
    ['imageBuildkit', 'moby/buildkit:latest', /by digest/],
    ['imageActions', '', /like https:\/\/github.com\/actions, or none/],
    ['imageActions', 'http://github.com/actions', /give an https address/],
    ['imagePipeline', 'on', /choose disabled, enabled/],
    ['imageLayers', 'gzip', /choose lazy, zstd/],
    ['endpoints', 'kms,s3', /some of ecr, kms, logs, sts/],
    ['endpoints', 'kms,kms', /some of ecr, kms, logs, sts/],
    ['jobBuckets', 'arn:aws:s3:::acme', /names of buckets/],
    ['sharedMemoryMiB', '64', /0, or MiB from 65 to 4096/],
    ['sharedMemoryMiB', '1g', /0, or MiB from 65 to 4096/],
    ['diagnostics', '1', /choose disabled, enabled/],
    ['execCommand', 'true', /choose disabled, enabled/],
    ['cacheBucket', 'acme-cache', /choose disabled, enabled/],
    ['cacheDays', '0', /from 1 to 365/],
    ['jobBuckets', '*', /names of buckets/],
    ['jobBuckets', 'acme/path', /names of buckets/],
    ['jobPolicies', 'ReadOnlyAccess', /ARNs of managed policies/],
    ['jobPolicies', 'arn:aws:iam::aws:policy/*', /ARNs of managed policies/],
    ['jobPolicies', 'arn:aws:iam::aws:policy/A,arn:aws:iam::aws:policy/A', /ARNs of managed policies/],
    ['containerInsights', 'on', /choose disabled, enabled, enhanced/],
    ['logRetentionDays', '31', /CloudWatch Logs accepts 1, 3, 5/],
    ['logRetentionDays', 'never', /CloudWatch Logs accepts 1, 3, 5/],
    ['webhookRateLimit', '0', /whole number from 1/],
    ['webhookBurstLimit', '1.5', /whole number from 1/],
    ['alarmEmail', 'ops', /one address, like/],
    ['weeklySummary', 'enabled', /give alarmEmail or alarmTopics too/],
    ['weeklySummary', 'weekly', /choose disabled, enabled/],
    ['alarmEmail', 'a@example.com,b@example.com', /one address/],
    ['alarmTopics', 'alarms', /ARNs of SNS topics in us-east-1/],
    ['alarmTopics', 'arn:aws:sns:eu-west-1:123456789012:alarms', /in us-east-1/],
    ['fipsEndpoints', 'true', /choose disabled, enabled/],
    ['dualStackEndpoints', 'true', /choose disabled, enabled/],
    ['githubApiUrl', 'http://api.github.com', /https URL/],
    ['githubApiUrl', 'https://github.com', /REST API: https:\/\/api\.github\.com/],
    ['githubApiUrl', 'https://acme.ghe.com', /https:\/\/api\.NAME\.ghe\.com/],
    ['githubApiUrl', 'https://acme.ghe.com/api/v3', /https:\/\/api\.NAME\.ghe\.com/],
    ['githubApiUrl', 'https://github.example.com', /HOSTNAME\/api\/v3/],
    ['githubApiUrl', 'api.github.com', /https URL/],
    ['permissionsBoundary', 'boundary', /ARN of a managed policy/],
  ];
  it.each(bad)('should refuse %s=%s, naming it and the fix', (name, value, fix) => {
    const problems = problemsWith({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(fix);
    expect(problems[0]?.startsWith(`${name}: "${value}"`)).toBe(true);
  });

  const many = (count: number, item: string) =>
    Array.from({ length: count }, (_, index) => item.replace('N', String(index))).join(',');
  const topics = (count: number) => many(count, 'arn:aws:sns:us-east-1:123456789012:alarms-N');
  it.each([
    ['egressCidrs', { egressCidrs: many(40, '10.0.N.0/24') }, { egressCidrs: many(41, '10.0.N.0/24') }],
    ['jobBuckets', { jobBuckets: many(20, 'acme-N') }, { jobBuckets: many(21, 'acme-N') }],
    ['alarmTopics', { alarmTopics: topics(5) }, { alarmTopics: topics(6) }],
    [
      'alarmTopics beside the topic that mails',
      { alarmTopics: topics(4), alarmEmail: 'ops@example.com' },
      { alarmTopics: topics(5), alarmEmail: 'ops@example.com' },
    ],
  ])('should refuse more %s than AWS takes, and one less is fine', (_, fine, tooMany) => {
    expect(problemsWith(fine)).toEqual([]);
    expect(problemsWith(tooMany)).toEqual([expect.stringContaining('at most')]);
  });

  it.each([
    ['ONESHOT_STACK', 'x', /ONESHOT_STACK is set by oneshot/],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'x', /is set by/],
    ['AWS_ENDPOINT_URL_KMS', 'x', /is set by/],
    ['AWS_REGION', 'x', /is set by/],
    ['ACTIONS_RUNNER_INPUT_JITCONFIG', 'x', /is set by/],
    ['RUNNER_PERFLOG', 'x', /is set by/],
    ['https_proxy', 'http://proxy:3128', /is set by/],
    ['BASH_ENV', 'x', /is set by/],
    ['AWS_ACCESS_KEY_ID', 'sesame', /looks like a secret/],
    ['AWS_SESSION_TOKEN', 'sesame', /looks like a secret/],
    ['NPM_TOKEN', 'sesame', /looks like a secret.*GitHub’s secrets/],
    ['db_password', 'sesame', /looks like a secret/],
    ['HTTPS_PROXY', 'http://me:sesame@proxy', /looks like a secret/],
    ['1A', 'x', /not the name of a variable/],
    ['A B', 'x', /not the name of a variable/],
    ['A', 'two\nlines', /line break/],
    ['A', '${' + 'self:service}', /line break.*\$\{/],
    ['A', 'x'.repeat(9000), /8192/],
  ] as const)('should refuse %s in the environment of tasks, and tell no value', (name, value, fix) => {
    const problems = problemsWith({ environment: JSON.stringify({ [name]: value }) });
    expect(problems).toEqual([expect.stringMatching(fix)]);
    expect(problems[0]).toMatch(/^environment: /);
    expect(problems[0]).not.toContain('sesame');
  });

  it.each(['TZ=Europe/Berlin', '["TZ"]', '{"A":null}', '{"A":["x"]}', '{"A":'])(
    'should refuse an environment that is not a mapping of texts: %s',
    (environment) => {
      expect(problemsWith({ environment })).toEqual([expect.stringMatching(/^environment: /)]);
    },
  );

  it('should refuse an existing network that is not given', () => {
    const problems = problemsWith({ network: 'existing' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['subnets', 'securityGroups']);
  });

  it('should refuse endpoints in an existing network, in which nothing is made', () => {
    expect(problemsWith({ ...EXISTING, endpoints: 'kms' })).toEqual([
      expect.stringMatching(/^endpoints: "kms" .*nothing is made/),
    ]);
  });

  it('should refuse FIPS where ECS has no such endpoint, and names that an interface endpoint does not answer for', () => {
    expect(problemsWith({ fipsEndpoints: 'enabled' }, { ...DEPLOYMENT, region: 'eu-west-1' })).toEqual([
      expect.stringMatching(/^fipsEndpoints: .*no FIPS endpoint in eu-west-1.*regions? us-/),
    ]);
    expect(problemsWith({ dualStackEndpoints: 'enabled', endpoints: 'kms' })).toEqual([
      expect.stringMatching(/^dualStackEndpoints: .*leave endpoints empty/),
    ]);
  });

  it('should refuse a password for the address of the actions, and not repeat it', () => {
    const [problem, ...more] = problemsWith({ imageActions: 'https://me:sesame@github.com/actions' });
    expect(problem).toMatch(/^imageActions: .*without user, query and fragment/);
    expect([problem, ...more].join()).not.toContain('sesame');
  });

  it('should refuse a password for the proxy, and not repeat it', () => {
    const [problem = ''] = problemsWith({ httpProxy: 'http://me:s3cret@proxy.example.com:3128' });
    expect(problem).toMatch(/^httpProxy: .*without path, user and password/);
    expect(problem).not.toMatch(/me|s3cret/);
  });

  it.each(['10.0.0.0/8', '*.example.com', 'github.example.com:443'])(
    'should refuse noProxy=%s, which not everything in a job reads',
    (noProxy) => {
      expect(problemsWith({ httpProxy: 'http://proxy.example.com:3128', noProxy })).toEqual([
        expect.stringMatching(/^noProxy: .*without range, port or wildcard/),
      ]);
    },
  );

  it('should refuse functions in public subnets, which get no public address', () => {
    expect(problemsWith({ network: 'public', functionsInVpc: 'enabled' })).toEqual([
      expect.stringMatching(/^functionsInVpc: "enabled" .*network=private/),
    ]);
  });

  it('should refuse an image in ECR whose layers tasks could not load, and say where the prefix list is found', () => {
    const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/oneshot:1';
    const egressCidrs = '192.30.252.0/22';
    for (const changes of [{ image }, { image: 'pipeline', imagePipeline: 'enabled' }])
      expect(problemsWith({ ...changes, egressCidrs })).toEqual([
        expect.stringMatching(/^egressPrefixLists: "" .*describe-managed-prefix-lists.*us-east-1\.s3/),
      ]);
    expect(problemsWith({ image, egressCidrs, egressPrefixLists: 'pl-01234567' })).toEqual([]);
    expect(problemsWith({ image, egressCidrs: `${egressCidrs},0.0.0.0/0` })).toEqual([]);
    expect(problemsWith({ egressCidrs })).toEqual([]);
  });

  it('should refuse an image of a registry that may be private without credentials, and credentials for ECR', () => {
    expect(problemsWith({ image: 'registry.example.com/ci/runner:1' })).toEqual([
      expect.stringMatching(
        /^imageCredentials: "" .*registry\.example\.com.*may be private.*ARN of a secret.*"none"/,
      ),
    ]);
    const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/oneshot:1';
    expect(problemsWith({ image, imageCredentials: 'none' })).toEqual([
      expect.stringMatching(/^imageCredentials: .*execution role; leave it empty/),
    ]);
  });

  it('should refuse a subnet where a security group belongs', () => {
    expect(problemsWith({ ...EXISTING, securityGroups: EXISTING.subnets })).toHaveLength(1);
  });

  it.each(['oneshot-Prod', 'oneshot-prod_1', 'oneshot-', 'oneshot-a-much-too-long-stage'])(
    'should refuse the stage that makes a stack %s: runners are named after it',
    (stack) => {
      expect(problemsWith({}, { ...DEPLOYMENT, stack })[0]).toMatch(/^--stage: .*lower-case/);
    },
  );
});

it('should read a parameter as text, whichever way it is given', () => {
  expect([{ TZ: 'UTC' }, ['a', 'b'], 'a,b', 1, undefined].map(asText)).toEqual([
    '{"TZ":"UTC"}',
    'a,b',
    'a,b',
    '1',
    '',
  ]);
});

describe('what is derived from the parameters', () => {
  it('should be a public address in public subnets only, or as asked in existing ones', () => {
    const assigned = (changes: Partial<RawParameters>) =>
      readParameters(parametersWith(changes)).assignPublicIp;
    expect(assigned({ network: 'public' })).toBe('ENABLED');
    expect(assigned({ network: 'private', assignPublicIp: 'ENABLED' })).toBe('DISABLED');
    expect(assigned({ ...EXISTING, assignPublicIp: 'ENABLED' })).toBe('ENABLED');
  });

  it('should be eighths of the range', () => {
    const rangesOf = (vpcCidr: string) => readParameters(parametersWith({ vpcCidr })).subnetRanges;
    expect(rangesOf('10.0.0.0/16').slice(0, 3)).toEqual(['10.0.0.0/19', '10.0.32.0/19', '10.0.64.0/19']);
    expect(rangesOf('192.168.255.0/24').at(-1)).toBe('192.168.255.224/27');
    expect(rangesOf('172.31.248.0/21')).toHaveLength(8);
  });

  it('should be the letters of the zones, a and b where none are given', () => {
    expect(zoneLetters([])).toEqual(['a', 'b']);
    expect(zoneLetters(['us-east-1c', 'us-east-1a'])).toEqual(['c', 'a']);
  });

  it('should be what there is in each zone: one NAT gateway in the first given, or one in each', () => {
    const made = (network: string, natGateways: string) =>
      Object.entries(zoneConditions(['c', 'a'], { network, natGateways })).flatMap(([name, value]) =>
        value === 'true' ? [name] : [],
      );
    const all = ['HasZoneA', 'HasZoneC'];
    expect(made('existing', 'one')).toEqual([]);
    expect(made('public', 'per-zone')).toEqual(all);
    expect(made('private', 'one')).toEqual([...all, 'HasPrivateA', 'HasPrivateC', 'HasNatC']);
    expect(made('private', 'per-zone')).toEqual([...all, 'HasPrivateA', 'HasPrivateC', 'HasNatA', 'HasNatC']);
  });

  it('should be a rule for each range that tasks may connect to', () => {
    expect(egressRules(['10.0.0.0/8', '192.168.0.0/16'], ['pl-01234567'])).toMatchObject([
      { CidrIp: '10.0.0.0/8' },
      { CidrIp: '192.168.0.0/16' },
      { DestinationPrefixListId: 'pl-01234567' },
    ]);
  });

  it('should be the ARN of the repository of an ECR image, in its partition', () => {
    const arnOf = (image: string) => runnerImage(image).repositoryArn;
    expect(arnOf('123456789012.dkr.ecr.eu-west-1.amazonaws.com/ci/runner:1')).toBe(
      'arn:aws:ecr:eu-west-1:123456789012:repository/ci/runner',
    );
    expect(arnOf('123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/runner@sha256:00')).toMatch(
      /^arn:aws-cn:/,
    );
    expect(arnOf('123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/runner:1')).toMatch(/^arn:aws-us-gov:/);
    expect(arnOf('123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu/runner:1')).toMatch(/^arn:aws-eusc:/);
    expect(runnerImage('public.ecr.aws/ci/runner:1').isInEcr).toBe('false');
  });
});

describe('serverless package with bad parameters', () => {
  it('should stop with one message that names every problem, and no stack trace', async () => {
    const message = await packageService({
      entrypoint: 'exit',
      parameters: { network: 'existing', image: 'runner', netwrok: 'public', vpcCidr: '10.0.0.1/16' },
    }).then(
      () => 'packaged',
      (error: Error) => error.message,
    );
    expect(message).toContain('The deployment has 5 problems');
    for (const name of ['netwrok', 'vpcCidr', 'subnets', 'securityGroups', 'image'])
      expect(message).toContain(`- ${name}: `);
    expect(message.match(/Cannot resolve variable/g)).toHaveLength(1);
    expect(message).not.toMatch(/^\s+at /m);
  }, 300_000);
});
