import { RegoEngine, type StandardDiagnostic, TemplateFile } from '@aws/cloudformation-validate';
import type { VariantName } from './variants.ts';

/** Has every resource, as all variants have: conditions leave them out, and their types are looked at all the same. */
export const EVERYTHING: VariantName = 'private, everything on';

/** E1029: the script in the command has `${...}` of the shell's, which is not a parameter of CloudFormation's. */
const SHELL_VARIABLES = ['X64', 'Arm64', 'DockerX64', 'DockerArm64'].map((architecture) => ({
  ruleId: 'E1029',
  resourceId: `TaskDefinition${architecture}`,
}));

/** The validator of CloudFormation, on templates in files. It is to be freed. */
export function createValidator() {
  const engine = new RegoEngine();
  return {
    errorsIn(file: string, region = 'us-east-1'): StandardDiagnostic[] {
      const config = { severityLevel: 'ERROR', pseudoParameterOverrides: { region } } as const;
      const exclude = { resourceIds: SHELL_VARIABLES };
      return engine.validateStandard(new TemplateFile(file), { ...config, exclude }).diagnostics;
    },
    free: () => engine.free(),
  };
}
