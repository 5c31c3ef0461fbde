import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // With configs of their own: npm run test:deploy, npm run test:long.
    exclude: ['test/deploy/**', 'test/**/long/**', 'node_modules/**'],
    globalSetup: ['test/setup/build.ts', 'test/setup/packages.ts'],
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'test-results.json' }]] : ['default'],
    // Most tests wait for processes and timers: three files at once keep both cores of a small machine busy.
    maxWorkers: 3,
    // Real processes on a loaded machine: a test that fails is tried once more there, and .ci/run names it. Nowhere else.
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
