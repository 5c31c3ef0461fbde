import path from 'node:path';
import { build, type Metafile } from 'esbuild';

const ROOT = path.join(import.meta.dirname, '..');
const PAGE = path.join(ROOT, 'cli/console/page');

/** Bundles the console's page into `dist/console/`; returns that folder, and what went into it. */
export async function buildConsole(
  outdir = path.join(ROOT, 'dist/console'),
): Promise<{ readonly folder: string; readonly inputs: Metafile['inputs'] }> {
  const { metafile } = await build({
    entryPoints: [
      { in: path.join(PAGE, 'main.tsx'), out: 'page' },
      { in: path.join(PAGE, 'page.css'), out: 'page' },
    ],
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    metafile: true,
    absWorkingDir: ROOT,
    logLevel: 'warning',
  });
  return { folder: outdir, inputs: metafile.inputs };
}
