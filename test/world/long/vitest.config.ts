import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** `npm run test:world`: situations that take half a minute each, so they are no part of `npm test`. */
export default defineConfig({
  root: path.join(import.meta.dirname, '../../..'),
  test: {
    include: ['test/world/long/*.test.ts'],
    globalSetup: ['test/setup/build.ts'],
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'test-results-world.json' }]]
      : ['default'],
    maxWorkers: 3,
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
