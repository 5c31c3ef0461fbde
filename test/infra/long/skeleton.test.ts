import { beforeAll, describe, expect, it } from 'vitest';
import { packageService } from '../package-service.ts';
import { packageSkeleton } from '../skeleton.ts';
import type { Template } from '../template.ts';
import { VARIANTS, type VariantName } from '../variants.ts';

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;

beforeAll(async () => {
  templateWith = await packageSkeleton();
}, 300_000);

/** osls names the folder of an upload by the time. */
const withoutTime = (template: Template): unknown =>
  JSON.parse(JSON.stringify(template).replaceAll(/\d{13}-\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'));

describe('a template filled in by the tests', () => {
  it.each(Object.keys(VARIANTS) as VariantName[])(
    'should be the one that osls packages: %s',
    async (name) => {
      const { template } = await packageService({ parameters: VARIANTS[name] });
      expect(withoutTime(templateWith(VARIANTS[name]))).toEqual(withoutTime(template));
    },
    60_000,
  );
});
