import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest begin first, so that none is left to run alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const longest = ['simulation/simulation', 'image/supervisor', 'world/start', 'cli/setup', 'cli/console'];
    const rank = ({ moduleId }: TestSpecification) =>
      longest.findIndex((name) => moduleId.endsWith(`test/${name}.test.ts`)) >>> 0;
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // With configs of their own: npm run test:deploy, npm run test:long.
    exclude: ['test/deploy/**', 'test/**/long/**', 'node_modules/**'],
    globalSetup: ['test/setup/build.ts', 'test/setup/packages.ts'],
    setupFiles: ['test/setup/esbuild.ts'],
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'test-results.json' }]] : ['default'],
    // Most tests wait for processes and timers: three files at once keep both cores of a small machine busy.
    sequence: { sequencer: LongestFirst },
    maxWorkers: 3,
    // A module is loaded once in a worker: to load them for each file took a third of the time. No test may leave
    // anything behind in a module, `process.env` or `process.cwd()`.
    isolate: false,
    // Real processes on a loaded machine: a test that fails is tried once more there, and .ci/run names it. It is off
    // elsewhere.
    retry: process.env['CI'] ? 1 : 0,
    // An end for what hangs, and no measure: a machine may be ten times slower than another.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
