import { spawnSync } from 'node:child_process';
import { RegoEngine, type StandardDiagnostic, TemplateFile } from '@aws/cloudformation-validate';
import { afterAll, describe, expect, it } from 'vitest';
import { packageService } from './package-service.ts';
import { VARIANTS, type VariantName } from './variants.ts';

const NAMES = Object.keys(VARIANTS) as VariantName[];

/** E1029: the script in the command has `${...}` of the shell's, which is no parameter of CloudFormation's. */
const SHELL_VARIABLES = ['TaskDefinitionX64', 'TaskDefinitionArm64'].map((resourceId) => ({
  ruleId: 'E1029',
  resourceId,
}));

describe('the validator of CloudFormation', () => {
  const engine = new RegoEngine();
  afterAll(() => engine.free());

  function errorsIn(file: string): StandardDiagnostic[] {
    const exclude = { resourceIds: SHELL_VARIABLES };
    return engine.validateStandard(new TemplateFile(file), { severityLevel: 'ERROR', exclude }).diagnostics;
  }

  it.each(NAMES)(
    'should find no error: %s',
    async (name) => {
      const { file } = await packageService({ parameters: VARIANTS[name] });
      expect(errorsIn(file)).toEqual([]);
    },
    60_000,
  );
});

const isInstalled = spawnSync('cfn-lint', ['--version']).status === 0;
const title = isInstalled
  ? 'should find nothing in any variant'
  : 'is not installed (pip install cfn-lint): skipped';

describe('cfn-lint', () => {
  it.runIf(isInstalled)(
    title,
    async () => {
      const packaged = await Promise.all(NAMES.map((name) => packageService({ parameters: VARIANTS[name] })));
      const args = ['--format', 'parseable', '--', ...packaged.map(({ file }) => file)];
      const { stdout } = spawnSync('cfn-lint', args, { encoding: 'utf8' });
      expect(stdout).toBe('');
    },
    180_000,
  );
});
