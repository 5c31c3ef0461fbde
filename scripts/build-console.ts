import path from 'node:path';
import { build } from 'esbuild';

const ROOT = path.join(import.meta.dirname, '..');
const PAGE = path.join(ROOT, 'cli/console/page');

/** Bundles the console's page into `dist/console/`; returns that folder. */
export async function buildConsole(outdir = path.join(ROOT, 'dist/console')): Promise<string> {
  await build({
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
    logLevel: 'warning',
  });
  return outdir;
}
