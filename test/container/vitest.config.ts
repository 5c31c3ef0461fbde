import { defineConfig } from 'vitest/config';

/** `npm run test:image`: minutes, root and two Debian packages more than `npm test` needs, so it is not part of it. */
export default defineConfig({
  test: {
    include: ['test/container/*.container.ts'],
    testTimeout: 600_000,
    hookTimeout: 900_000,
  },
});
