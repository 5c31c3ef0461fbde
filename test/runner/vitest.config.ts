import path from 'node:path';
import { defineConfig } from 'vitest/config';

const isSlow = process.env['ONESHOT_TEST_SLOW'] !== undefined;

/** `npm run test:runner -- --runner DIR` (main.ts): not part of `npm test`, as it needs a release of the runner. */
export default defineConfig({
  root: path.join(import.meta.dirname, '../..'),
  test: {
    include: ['test/runner/*.runner.ts'],
    exclude: isSlow ? [] : ['test/runner/slow.runner.ts'],
    reporters: ['verbose'],
    // A start takes the runner a second of work, and most of the rest is waiting.
    maxWorkers: isSlow ? 2 : 1,
    maxConcurrency: 4,
    testTimeout: isSlow ? 1_500_000 : 180_000,
  },
});
