import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkParameters, readParametersFile } from '../../cli/deploy/parameters.ts';
import { readLabels } from '../../functions/core/job/labels.ts';
import { parseRunnersConfig } from '../../functions/runners-config.ts';

const EXAMPLES = path.join(import.meta.dirname, '../../examples');
const read = (file: string): string => readFileSync(path.join(EXAMPLES, file), 'utf8');
const names = readdirSync(EXAMPLES).filter((name) => name !== 'README.md');

describe('an example', () => {
  it.each(names)('should stand in the list: %s', (name) => {
    expect(read('README.md')).toContain(`[${name}](${name}/)`);
  });

  it.each(names)('should have parameters that can be deployed: %s', async (name) => {
    const given = await readParametersFile(path.join(EXAMPLES, name), 'prod');
    expect(given).toHaveProperty('network');
    await checkParameters(given, 'prod', { stack: 'oneshot-prod', region: 'eu-central-1' });
  });

  it.each(names)('should serve each label that it tells: %s', (name) => {
    const policy = parseRunnersConfig(read(`${name}/runners.yml`));
    const labels = [...read(`${name}/README.md`).matchAll(/`runs-on: (\S+)`/g)].map(
      ([, label = '']) => label,
    );
    expect(labels).not.toEqual([]);
    expect(labels.filter((label) => readLabels([label], policy).kind !== 'ours')).toEqual([]);
  });
});
