/** Bundles the GitHub of the image's smoke test into one file, which the image's own Node runs (docs/adr/0042). */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';
import type { Bundle } from './build.ts';

/** CommonJS inside ESM: esbuild leaves `require` of what Node itself brings to the one that is there. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`;

const ROOT = path.join(import.meta.dirname, '..');

/** Writes `smoke/github.mjs` into a folder; tells its size, and what went into it. */
export async function buildSmokeTest(
  outDirectory: string,
): Promise<Bundle & { readonly inputs: Metafile['inputs'] }> {
  const outfile = path.join(outDirectory, 'smoke/github.mjs');
  const { metafile } = await build({
    entryPoints: [path.join(ROOT, 'local/smoke/main.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    // The oldest Node that a runner of today brings (externals/node20).
    target: 'node20',
    format: 'esm',
    banner: { js: REQUIRE },
    mainFields: ['module', 'main'],
    metafile: true,
    absWorkingDir: ROOT,
    logLevel: 'warning',
  });
  return { name: 'smoke test', bytes: (await stat(outfile)).size, inputs: metafile.inputs };
}

if (import.meta.main) {
  const { bytes } = await buildSmokeTest(path.join(ROOT, 'dist'));
  console.log(`dist/smoke/github.mjs: ${Math.round(bytes / 1024)} KB`);
}
