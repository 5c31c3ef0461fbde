import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { type BuildOptions, buildFunctions } from '../scripts/build.ts';

const WORK = path.join(import.meta.dirname, '../dist/bench');

export interface BenchBundle {
  /** Of the CommonJS file. */
  readonly file: string;
  readonly bytes: number;
}

/** The functions as they are deployed, or with a lever taken out (`bench/levers.ts`). */
export async function functionBundle(
  name: 'webhook' | 'sweep',
  lever = 'all-levers',
  options: BuildOptions = {},
): Promise<BenchBundle> {
  const directory = path.join(WORK, lever);
  const bundles = await buildFunctions(directory, options);
  const { bytes = 0 } = bundles.find((bundle) => bundle.name === name) ?? {};
  return { file: path.join(directory, name, 'index.js'), bytes };
}

/** `bench/minimal/{name}.ts`, bundled with the SDK as it comes: none of our levers. */
export async function minimalBundle(name: 'launch' | 'ignore'): Promise<BenchBundle> {
  const file = path.join(WORK, 'minimal', name, 'index.js');
  const { outputFiles = [] } = await build({
    entryPoints: [path.join(import.meta.dirname, 'minimal', `${name}.ts`)],
    outfile: file,
    absWorkingDir: import.meta.dirname,
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(path.join(path.dirname(file), 'package.json'), JSON.stringify({ type: 'commonjs' }));
  await writeFile(file, outputFiles[0]?.contents ?? '');
  return { file, bytes: outputFiles[0]?.contents.length ?? 0 };
}
