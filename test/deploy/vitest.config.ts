import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** `npm run test:deploy`: not part of `npm test`, as it takes a minute and needs Python. */
export default defineConfig({
  root: path.join(import.meta.dirname, '../..'),
  test: { include: ['test/deploy/*.test.ts'], reporters: ['verbose'], testTimeout: 600_000, bail: 1 },
});
