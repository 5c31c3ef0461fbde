import { describe, expect, it } from 'vitest';
import { start } from '../../fixtures/start.ts';

describe('npm start', () => {
  it('should exit with 1 when a job was lost', { timeout: 600_000 }, async () => {
    const faults = ['--faults', 'ecs-no-capacity=1'];
    const { code, stdout } = await start('--json', '--jobs', '2', ...faults);
    expect(JSON.parse(stdout).jobs).toMatchObject({ completed: 0, lost: 3 });
    expect(code).toBe(1);
  });
});
