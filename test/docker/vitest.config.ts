import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** `npm run test:docker` (main.ts): not part of `npm test`, as it needs root and a Docker daemon's programs. */
export default defineConfig({
  root: path.join(import.meta.dirname, '../..'),
  test: {
    include: ['test/docker/*.docker.ts'],
    reporters: ['verbose'],
    // Daemons that write rules into one network's tables would take each other's away.
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
