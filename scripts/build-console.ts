import path from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';

const ROOT = path.join(import.meta.dirname, '..');
const PAGE = path.join(ROOT, 'cli/console/page');

const OPTIONS = {
  entryPoints: [
    { in: path.join(PAGE, 'main.tsx'), out: 'page' },
    { in: path.join(PAGE, 'page.css'), out: 'page' },
  ],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  absWorkingDir: ROOT,
  logLevel: 'warning',
} satisfies BuildOptions;

/** Bundles the console's page into a folder; returns what went into it. */
export async function buildConsole(outdir: string): Promise<{ readonly inputs: Metafile['inputs'] }> {
  const { metafile } = await build({ ...OPTIONS, outdir, metafile: true });
  return { inputs: metafile.inputs };
}

/** The same as text, by the names of its files: nothing is written, as several programs may do so at once. */
export async function bundleConsole(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({ ...OPTIONS, outdir: ROOT, write: false });
  return new Map(outputFiles.map((file) => [path.basename(file.path), file.text]));
}
