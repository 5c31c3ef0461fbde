import { describe, expect, it } from 'vitest';
import { parseRunnersConfig } from '../../functions/runners-config.ts';
import { createScenario } from '../../local/play/scenario.ts';
import { inWorldOf } from '../fixtures/situations.ts';

const policyWith = (rules: string) =>
  parseRunnersConfig(`{ allow: { repositories: [acme/*] }, rules: [${rules}] }`);

describe('the scenario', () => {
  const options = { jobs: 20, random: () => 0.5 };

  it('should have no job in a repository that a rule refuses, where it would wait and look lost', () =>
    inWorldOf({}, async (world) => {
      const [first = '', ...others] = world.installation.repositories.map(({ name }) => `acme/${name}`);
      const { matrix } = createScenario(
        world,
        policyWith(`{ repositories: [${first}], refuse: No. }`),
        options,
      );
      expect(matrix.map(({ repository }) => repository)).toEqual(others);
      expect(matrix.flatMap(({ jobs }) => jobs)).toHaveLength(20);
    }));

  it('should ask for sizes that the rule of the repository has', () =>
    inWorldOf({}, async (world) => {
      const [first = ''] = world.installation.repositories.map(({ name }) => `acme/${name}`);
      const rule = `{ repositories: [${first}], scope: repository, sizes: { huge: { cpu: 4, memory: 8 } } }`;
      const { matrix } = createScenario(world, policyWith(rule), options);
      const asks = (repository: string) =>
        matrix.find((one) => one.repository === repository)?.jobs.flatMap(({ labels }) => labels);
      expect(asks(first)).toContain('fargate/huge');
      const elsewhere = matrix.filter(({ repository }) => repository !== first);
      expect(elsewhere.flatMap(({ jobs }) => jobs.flatMap(({ labels }) => labels))).not.toContain(
        'fargate/huge',
      );
    }));
});
