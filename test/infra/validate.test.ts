import path from 'node:path';
import { RegoEngine, type StandardDiagnostic, TemplateFile } from '@aws/cloudformation-validate';
import { afterAll, expect, it } from 'vitest';
import { packageService, removePackages } from './package-service.ts';

afterAll(removePackages);

/** Each set of parameters that makes other resources. */
const VARIANTS: [string, Record<string, string>][] = [
  ['private', {}],
  [
    'private, everything on',
    {
      zones: 'us-east-1a,us-east-1b,us-east-1c',
      natGateways: 'per-zone',
      containerInsights: 'enhanced',
      image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/oneshot:1',
      permissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
    },
  ],
  ['public', { network: 'public' }],
  ['public over three zones', { network: 'public', zones: 'us-east-1a,us-east-1b,us-east-1c' }],
  ['existing', { network: 'existing', subnets: 'subnet-01234567', securityGroups: 'sg-01234567' }],
];

/** E1029: the script in the command has `${...}` of the shell's, which is no parameter of CloudFormation's. */
const SHELL_VARIABLES = ['TaskDefinitionX64', 'TaskDefinitionArm64'].map((resourceId) => ({
  ruleId: 'E1029',
  resourceId,
}));

function errorsIn(template: string): StandardDiagnostic[] {
  const engine = new RegoEngine();
  try {
    const { diagnostics } = engine.validateStandard(new TemplateFile(template), {
      severityLevel: 'ERROR',
      exclude: { resourceIds: SHELL_VARIABLES },
    });
    return diagnostics;
  } finally {
    engine.free();
  }
}

it.each(VARIANTS)(
  'should be a template without an error: %s',
  async (_, parameters) => {
    const { directory } = await packageService({ parameters });
    expect(errorsIn(path.join(directory, 'cloudformation-template-update-stack.json'))).toEqual([]);
  },
  60_000,
);
