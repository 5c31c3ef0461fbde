import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLOCK_VARIABLES } from '../../local/lambda/clock-variables.ts';

const PRELOAD = path.join(import.meta.dirname, '../../local/lambda/warped-clock.ts');

/** What a function's process sees of an hour's pause in a world that is 36,000 times as fast. */
const SCRIPT = `
  const startedAtMs = Date.now();
  require('node:timers/promises').setTimeout(3_600_000).then(() => {
    console.log(JSON.stringify({ passedMs: Date.now() - startedAtMs, variables: Object.keys(process.env) }));
  });
`;

describe('the clock of a function’s process', () => {
  it('should pass a pause of the rules in world time, and tell the function nothing of itself', () => {
    const env = { [CLOCK_VARIABLES.speed]: '36000', [CLOCK_VARIABLES.epochMs]: String(Date.now()) };
    const options = { env, encoding: 'utf8', timeout: 15_000 } as const;
    const printed = execFileSync(process.execPath, ['--import', PRELOAD, '-e', SCRIPT], options);
    const { passedMs, variables } = JSON.parse(printed) as { passedMs: number; variables: string[] };
    // Timers may be a millisecond early, which is 36 s of this world.
    expect(passedMs).toBeGreaterThan(3_500_000);
    expect(variables).not.toContain(CLOCK_VARIABLES.speed);
  });
});
