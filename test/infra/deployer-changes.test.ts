import { beforeAll, describe, expect, it } from 'vitest';
import { PARAMETER_NAMES, type RawParameters } from '../../infra/parameters.ts';
import { planChange, stepNeeds } from '../../local/aws/cloudformation/change.ts';
import { readInfraPolicy } from '../../local/aws/iam/deployer.ts';
import { denied, siteOf } from './deployer-proofs.ts';
import { packageSkeleton } from './skeleton.ts';
import { resolveConditions, type Template } from './template.ts';

const NOTHING: Template = { Resources: {}, Outputs: {} };
const PRIVATE = { network: 'private' };
const OUR_BOUNDARY = 'arn:aws:iam::123456789012:policy/oneshot-boundary';

/** Another value of each parameter, and the deployment that it is changed in, where that is not the default. */
const CHANGES: Readonly<
  Record<keyof RawParameters, readonly [value: string, inside?: Partial<RawParameters>]>
> = {
  network: ['private'],
  vpcCidr: ['10.84.0.0/16'],
  zones: ['us-east-1a,us-east-1b,us-east-1c'],
  natGateways: ['per-zone', PRIVATE],
  egressCidrs: ['10.0.0.0/8,192.0.2.0/24'],
  egressPrefixLists: ['pl-01234567'],
  endpoints: ['ecr,kms,logs,sts'],
  subnets: ['subnet-76543210', EXISTING()],
  securityGroups: ['sg-76543210', EXISTING()],
  assignPublicIp: ['DISABLED', EXISTING()],
  image: ['123456789012.dkr.ecr.us-east-1.amazonaws.com/oneshot:1'],
  functionsInVpc: ['enabled', PRIVATE],
  httpProxy: ['http://proxy.example.com:3128'],
  noProxy: ['github.example.com', { httpProxy: 'http://proxy.example.com:3128' }],
  caBundle: ['test/fixtures/authority.pem'],
  imageCredentials: [
    'arn:aws:secretsmanager:us-east-1:123456789012:secret:registry-a1b2c3',
    { image: 'registry.example.com/runner:1', imageCredentials: 'none' },
  ],
  imagePipeline: ['enabled'],
  imageLayers: ['zstd', { imagePipeline: 'enabled' }],
  imageBase: ['registry.example.com/actions-runner', { imagePipeline: 'enabled' }],
  imageBuildkit: [`registry.example.com/buildkit@sha256:${'0'.repeat(64)}`, { imagePipeline: 'enabled' }],
  imageActions: ['https://github.example.com/actions', { imagePipeline: 'enabled' }],
  environment: ['{"TZ":"Europe/Berlin"}'],
  sharedMemoryMiB: ['1024'],
  containerInsights: ['enhanced'],
  diagnostics: ['enabled'],
  execCommand: ['enabled'],
  docker: ['enabled', PRIVATE],
  dockerStorageGiB: ['200', { ...PRIVATE, docker: 'enabled' }],
  dockerdImage: [`registry.example.com/docker@sha256:${'0'.repeat(64)}`, { ...PRIVATE, docker: 'enabled' }],
  logRetentionDays: ['90'],
  webhookRateLimit: ['60'],
  webhookBurstLimit: ['400'],
  alarmTopics: ['arn:aws:sns:us-east-1:123456789012:alarms'],
  weeklySummary: ['enabled', { alarmEmail: 'ops@example.com' }],
  alarmEmail: ['ops@example.com'],
  fipsEndpoints: ['enabled'],
  dualStackEndpoints: ['enabled'],
  githubApiUrl: ['https://github.example.com/api/v3'],
  jobBuckets: ['acme-artifacts'],
  jobPolicies: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
  cacheBucket: ['enabled'],
  cacheDays: ['30', { cacheBucket: 'enabled' }],
  permissionsBoundary: [OUR_BOUNDARY],
};

function EXISTING(): Partial<RawParameters> {
  return {
    ...{ network: 'existing', subnets: 'subnet-01234567', securityGroups: 'sg-01234567' },
    assignPublicIp: 'ENABLED',
  };
}

const BOUNDARY = { permissionsBoundary: OUR_BOUNDARY };

describe('deployments and a removal with the deployer’s policy', () => {
  const policy = readInfraPolicy('deployer-policy.json');
  let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;
  beforeAll(async () => {
    templateWith = await packageSkeleton();
  }, 300_000);

  /** The skeleton has the retention of its own packaging. */
  function deployed(changes: Partial<RawParameters>): Template {
    const text = JSON.stringify(resolveConditions(templateWith(changes)));
    const days = changes.logRetentionDays ?? '30';
    return JSON.parse(text.replaceAll(/"RetentionInDays":30\b/g, `"RetentionInDays":${days}`));
  }

  /** What is denied on the way from one template to the next, and how many steps that has. */
  async function change(before: Template, after: Template, statements = policy) {
    const steps = planChange(siteOf(before), siteOf(after));
    const needs = (await Promise.all(steps.map(stepNeeds))).flat();
    return {
      steps: steps.length,
      lost: denied(statements, needs).map(({ action, resource }) => `${action} ${resource}`),
    };
  }

  it('should change each parameter', () => {
    expect(Object.keys(CHANGES).toSorted()).toEqual([...PARAMETER_NAMES].toSorted());
  });

  it.each(Object.entries(CHANGES))(
    'should deploy, change %s, change it back and remove everything',
    async (name, [value, inside = {}]) => {
      const one = deployed(inside);
      const other = deployed({ ...inside, [name]: value });
      const ways = [change(NOTHING, one), change(one, other), change(other, one), change(one, NOTHING)];
      for (const { steps, lost } of await Promise.all(ways)) {
        expect(lost).toEqual([]);
        expect(steps).toBeGreaterThan(0);
      }
    },
  );

  it.each(Object.entries(CHANGES).filter(([name]) => name !== 'permissionsBoundary'))(
    'should do so for %s within a boundary, with the policy that holds to it',
    async (name, [value, inside = {}]) => {
      const one = deployed({ ...BOUNDARY, ...inside });
      const other = deployed({ ...BOUNDARY, ...inside, [name]: value });
      const pairs = [
        [NOTHING, one],
        [one, other],
        [other, one],
        [one, NOTHING],
      ] as const;
      const both = [...policy, ...readInfraPolicy('deployer-policy-bounded.json')];
      for (const [before, after] of pairs) expect((await change(before, after, both)).lost).toEqual([]);
    },
  );

  it('should not take the boundary away again with that policy', async () => {
    const both = [...policy, ...readInfraPolicy('deployer-policy-bounded.json')];
    const { lost } = await change(deployed(BOUNDARY), deployed({}), both);
    expect(lost.join()).toContain('iam:DeleteRolePermissionsBoundary');
  });
});
