import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFunction } from '../../local/lambda/function.ts';
import { createVirtualClock } from '../../local/world/virtual-clock.ts';

/** What a handler of this code answers, and how far the world's clock has come by then. */
async function played(code: string): Promise<{ readonly answer: unknown; readonly passedMs: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-warped-'));
  const bundle = path.join(folder, 'handler.cjs');
  writeFileSync(bundle, `exports.handler = async (event, context) => { ${code} };`);
  const clock = createVirtualClock();
  const made = createFunction({
    ...{ name: 'warped', bundle, environment: {}, clock, timeoutSeconds: 100_000, memoryMiB: 128 },
    maximumInstances: 1,
  });
  try {
    const rest = clock.hurry();
    const answer = await made.invoke({});
    rest();
    return { answer, passedMs: clock.nowMs() - clock.epochMs };
  } finally {
    made.close();
    clock.stop();
    rmSync(folder, { recursive: true });
  }
}

describe.concurrent('the clock of a function’s process', () => {
  it.each([
    ['a pause of the rules', `await require('node:timers/promises').setTimeout(3_600_000)`],
    ['a timer of a library', 'await new Promise((resolve) => setTimeout(resolve, 3_600_000))'],
  ])('should pass %s in world time', async (_, wait) => {
    const { answer } = await played(`const from = Date.now(); ${wait}; return Date.now() - from;`);
    expect(answer).toBe(3_600_000);
  });

  it('should end what has a deadline by the world', async () => {
    const code = `const from = Date.now(); const signal = AbortSignal.timeout(3_600_000);
      const error = await require('node:timers/promises').setTimeout(7_200_000, 0, { signal }).catch((e) => e);
      return [error.name, Date.now() - from];`;
    expect((await played(code)).answer).toEqual(['TimeoutError', 3_600_000]);
  });

  it('should stand still for what the process computes and for what it waits for beside the world', async () => {
    const code = `const from = Date.now(); for (let n = 0; n < 5e7; n++) Math.sqrt(n);
      await require('node:fs/promises').readFile(__filename); return Date.now() - from;`;
    expect(await played(code)).toEqual({ answer: 0, passedMs: 0 });
  });

  it('should tell how long an invocation has left by the world, and the function nothing of itself', async () => {
    const code = `await require('node:timers/promises').setTimeout(40_000);
      return [context.getRemainingTimeInMillis(), Object.keys(process.env).filter((name) => /CLOCK/.test(name))];`;
    expect((await played(code)).answer).toEqual([100_000_000 - 40_000, []]);
  });
});
