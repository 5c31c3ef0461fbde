import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RegoEngine, type StandardDiagnostic, TemplateFile } from '@aws/cloudformation-validate';
import { afterAll, describe, expect, it } from 'vitest';
import { packageService } from './package-service.ts';
import { VARIANTS, type VariantName } from './variants.ts';

/** The other variants, regions and cfn-lint are in long/. Has every resource, as all variants have: conditions leave them out, and their types are looked at all the same. */
const EVERYTHING: VariantName = 'private, everything on';

/** E1029: the script in the command has `${...}` of the shell's, which is no parameter of CloudFormation's. */
const SHELL_VARIABLES = ['TaskDefinitionX64', 'TaskDefinitionArm64'].map((resourceId) => ({
  ruleId: 'E1029',
  resourceId,
}));

describe('the validator of CloudFormation', () => {
  const engine = new RegoEngine();
  afterAll(() => engine.free());

  function errorsIn(file: string, region = 'us-east-1'): StandardDiagnostic[] {
    const config = { severityLevel: 'ERROR', pseudoParameterOverrides: { region } } as const;
    const exclude = { resourceIds: SHELL_VARIABLES };
    return engine.validateStandard(new TemplateFile(file), { ...config, exclude }).diagnostics;
  }

  it('should find no error where everything is on', async () => {
    const { file } = await packageService({ parameters: VARIANTS[EVERYTHING] });
    expect(errorsIn(file)).toEqual([]);
  }, 60_000);

  it('should know which types a region has', async () => {
    const { template, directory } = await packageService({ parameters: VARIANTS[EVERYTHING] });
    const file = path.join(directory, 'with-a-type-that-china-lacks.json');
    const Resources = { ...template.Resources, Group: { Type: 'AWS::AppRunner::AutoScalingConfiguration' } };
    await writeFile(file, JSON.stringify({ ...template, Resources }));
    expect(errorsIn(file)).toEqual([]);
    expect(errorsIn(file, 'cn-north-1')).toMatchObject([
      { message: expect.stringContaining("'cn-north-1'") },
    ]);
  }, 60_000);
});
