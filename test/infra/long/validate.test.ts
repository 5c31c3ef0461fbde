import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { packageService } from '../package-service.ts';
import { createValidator, EVERYTHING } from '../validator.ts';
import { VARIANTS, type VariantName } from '../variants.ts';

const NAMES = Object.keys(VARIANTS) as VariantName[];

/** One of each kind: the default, another of `aws`, two that lack what others have, China and GovCloud. */
const REGIONS = ['us-east-1', 'eu-central-1', 'us-west-1', 'me-central-1', 'cn-north-1', 'us-gov-west-1'];
describe('the validator of CloudFormation', () => {
  const { errorsIn, free } = createValidator();
  afterAll(free);

  it.each(REGIONS.slice(1))(
    'should find each type of resource, and no error, in %s',
    async (region) => {
      const { file } = await packageService({ parameters: VARIANTS[EVERYTHING] });
      expect(errorsIn(file, region)).toEqual([]);
    },
    60_000,
  );

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
  ? 'should find nothing in any variant, in any of the regions'
  : 'is not installed (pip install cfn-lint): skipped';

describe('cfn-lint', () => {
  it.runIf(isInstalled)(
    title,
    async () => {
      const packaged = await Promise.all(NAMES.map((name) => packageService({ parameters: VARIANTS[name] })));
      const args = [
        '--format',
        'parseable',
        '--regions',
        ...REGIONS,
        '--',
        ...packaged.map(({ file }) => file),
      ];
      const { stdout } = spawnSync('cfn-lint', args, { encoding: 'utf8' });
      expect(stdout).toBe('');
    },
    180_000,
  );
});
