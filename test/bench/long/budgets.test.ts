import { describe, expect, it } from 'vitest';
import { functionBundle } from '../../../bench/bundles.ts';
import { WITHOUT } from '../../../bench/levers.ts';
import { warmCalls } from '../../../bench/rows/calls.ts';

describe('the budgets of the bench that are counts', () => {
  it('should cost a warm function three calls a job, and nothing before or after them', async () => {
    const { file } = await functionBundle('webhook');
    expect(await warmCalls(file)).toEqual([
      'github POST /orgs/acme/actions/runners/generate-jitconfig',
      'kms Encrypt',
      'ecs RunTask',
    ]);
  });

  it.each([
    ['token-cache', 'github POST /app/installations/77/access_tokens'],
    ['parameter-cache', 'ssm GetParameters'],
  ] as const)('should see what %s saves', async (name, call) => {
    const { file } = await functionBundle('webhook', `without-${name}`, WITHOUT[name]);
    expect(await warmCalls(file)).toContain(call);
  });

  it.each(['sdk-errors', 'credential-chain'] as const)(
    'should see in the bundle what %s saves',
    async (name) => {
      const whole = await functionBundle('webhook');
      const without = await functionBundle('webhook', `without-${name}`, WITHOUT[name]);
      expect(without.bytes).toBeGreaterThan(1.1 * whole.bytes);
    },
  );
});
