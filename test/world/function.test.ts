import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFunction, type FunctionOptions } from '../../local/lambda/function.ts';
import { createClock } from '../../local/world/clock.ts';

/** Runs with a function whose handler is this code. */
async function withHandler(
  code: string,
  options: Partial<FunctionOptions>,
  use: (made: ReturnType<typeof createFunction>, logged: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-function-'));
  const bundle = path.join(folder, 'handler.cjs');
  writeFileSync(bundle, `exports.handler = async (event) => { console.log('at work'); ${code} };`);
  const line = Promise.withResolvers<void>();
  const made = createFunction({
    ...{ name: 'made', bundle, environment: {}, clock: createClock(1), timeoutSeconds: 60, memoryMiB: 128 },
    maximumInstances: 1,
    onLog: () => line.resolve(),
    ...options,
  });
  try {
    await use(made, () => line.promise);
  } finally {
    made.close();
    rmSync(folder, { recursive: true });
  }
}

describe('a function of the embedded world', () => {
  it('should run one event after another where it has one instance', () =>
    withHandler('return event * 2;', {}, async (made) => {
      expect(await Promise.all([made.invoke(1), made.invoke(2)])).toEqual([2, 4]);
    }));

  it('should end what runs and what waits when it is closed, and start nothing more', () =>
    withHandler('await new Promise((resolve) => setTimeout(resolve, 50_000));', {}, async (made, logged) => {
      const events = Promise.allSettled([made.invoke(1), made.invoke(2)]);
      await logged();
      made.close();
      expect(await events).toMatchObject([
        { status: 'rejected', reason: { kind: 'Crashed' } },
        { status: 'rejected', reason: { kind: 'Crashed' } },
      ]);
    }));
});
