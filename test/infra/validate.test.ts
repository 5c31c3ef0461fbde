import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageService } from './package-service.ts';
import { createValidator, EVERYTHING } from './validator.ts';
import { VARIANTS } from './variants.ts';

/** The other variants, regions and cfn-lint are in long/. */
describe('the validator of CloudFormation', () => {
  const { errorsIn, free } = createValidator();
  afterAll(free);

  it('should find no error where everything is on', async () => {
    const { file } = await packageService({ parameters: VARIANTS[EVERYTHING] });
    expect(errorsIn(file)).toEqual([]);
  }, 300_000);

  it('should know which types a region has', async () => {
    const { template, directory } = await packageService({ parameters: VARIANTS[EVERYTHING] });
    const file = path.join(directory, 'with-a-type-that-china-lacks.json');
    const Resources = { ...template.Resources, Group: { Type: 'AWS::AppRunner::AutoScalingConfiguration' } };
    await writeFile(file, JSON.stringify({ ...template, Resources }));
    expect(errorsIn(file)).toEqual([]);
    expect(errorsIn(file, 'cn-north-1')).toMatchObject([
      { message: expect.stringContaining("'cn-north-1'") },
    ]);
  }, 300_000);
});
