import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** `npm run test:long`: what takes half a minute each, in the folders long/, and is not part of `npm test`. */
export default defineConfig({
  root: path.join(import.meta.dirname, '..'),
  test: {
    include: ['test/**/long/*.test.ts'],
    globalSetup: ['test/setup/build.ts', 'test/setup/packages.ts'],
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'test-results-long.json' }]]
      : ['default'],
    maxWorkers: 3,
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
