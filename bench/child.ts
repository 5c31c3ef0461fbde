import { spawn } from 'node:child_process';
import { once as onceEmitted } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { once } from '../functions/kit/keep.ts';

const CHILDREN = path.join(import.meta.dirname, 'children');
const BUILT = path.join(import.meta.dirname, '../dist/bench/children');

/** As JavaScript: Node's own stripping of types would weigh more than what is weighed. */
const builtChildren = once(async () => {
  const files = (await readdir(CHILDREN)).map((file) => path.join(CHILDREN, file));
  await build({
    entryPoints: files,
    // esbuild's own is where this process was when it loaded esbuild: a test's folder, which is gone.
    absWorkingDir: import.meta.dirname,
    outdir: BUILT,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
});

/**
 * The flags with which Lambda starts Node in a function of this many MB (its bootstrap: a tenth of them for young
 * objects).
 */
export function lambdaNodeOptions(memoryMb: number): string[] {
  const youngMb = Math.floor(memoryMb / 10);
  return [`--max-semi-space-size=${Math.floor(youngMb / 2)}`, `--max-old-space-size=${memoryMb - youngMb}`];
}

/** Runs `bench/children/{name}.ts` in a fresh process; what it prints last is one object. */
export async function runChild<Result>(
  name: string,
  environment: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
): Promise<Result> {
  await builtChildren();
  const script = path.join(BUILT, `${name}.mjs`);
  const child = spawn(process.execPath, [...nodeOptions, script], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (errors += String(data)));
  const [code] = await onceEmitted(child, 'close');
  if (code !== 0) throw new Error(`the process of ${name} ended with ${code}: ${errors.slice(-2000)}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Result;
}

/** One warm-up that is thrown away (the file system's cache), then `times` fresh processes one after another. */
export async function runFresh<Result>(
  times: number,
  name: string,
  environment: () => Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Promise<Result[]> {
  await runChild(name, environment(), nodeOptions);
  const results: Result[] = [];
  for (let run = 0; run < times; run++)
    results.push(await runChild<Result>(name, environment(), nodeOptions));
  return results;
}
