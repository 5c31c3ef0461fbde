/** Bundles each function into `dist/{function}/index.js`. `node scripts/build.ts [--out DIR]` */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import type { Policy } from '../functions/core/job/policy.ts';
import { ConfigurationError } from '../functions/core/words/errors.ts';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { policyLine } from './policy-line.ts';
import { trimOctokit, trimSdkErrors } from './trim-sdk.ts';

const ROOT = path.join(import.meta.dirname, '..');

/** What may be built otherwise than for a deployment of this checkout. */
export interface BuildOptions {
  /** The `runners.yml` that is bundled; `null` leaves a place for one (policy-line.ts). */
  readonly policyFile?: string | null;
  /** A policy that is bundled instead. */
  readonly policy?: Policy | undefined;
  /** The bench takes out one lever at a time. */
  readonly plugins?: readonly Plugin[];
  readonly alias?: Readonly<Record<string, string>>;
}

/** Lambda's credentials come in its environment: see functions/aws/lambda-credentials.ts. */
const LAMBDA_CREDENTIALS = {
  '@aws-sdk/credential-provider-node': path.join(ROOT, 'functions/aws/lambda-credentials.ts'),
};

export interface Bundle {
  readonly name: string;
  readonly bytes: number;
}

/** Builds every folder of `functions/` that has a `handler.ts`. Throws ConfigurationError on a bad `runners.yml`. */
export async function buildFunctions(
  outDirectory = path.join(ROOT, 'dist'),
  {
    plugins = [trimSdkErrors, trimOctokit],
    alias = LAMBDA_CREDENTIALS,
    policyFile = path.join(ROOT, 'runners.yml'),
    policy: given,
  }: BuildOptions = {},
): Promise<Bundle[]> {
  const policy = given ?? (await readPolicy(policyFile));
  const names = await functionNames();
  const result = await build({
    entryPoints: Object.fromEntries(
      names.map((name) => [`${name}/index`, path.join(ROOT, 'functions', name, 'handler.ts')]),
    ),
    outdir: outDirectory,
    bundle: true,
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    write: false,
    platform: 'node',
    target: 'node24',
    // CJS with the ESM sources of the libraries: loads faster than one file of ESM, and still loses what is unused.
    format: 'cjs',
    mainFields: ['module', 'main'],
    alias: { ...alias },
    banner: { js: policyLine(policy) },
    plugins: [...plugins],
    absWorkingDir: ROOT,
    logLevel: 'warning',
  });
  // The project is of type module; these files are not, wherever they are put.
  const commonJs = Buffer.from(`${JSON.stringify({ type: 'commonjs' })}\n`);
  for (const name of names) await replace(path.join(outDirectory, name, 'package.json'), commonJs);
  for (const { path: file, contents } of result.outputFiles) await replace(file, contents);
  const bundles = result.outputFiles.filter((file) => file.path.endsWith('.js'));
  return bundles.map((file) => ({
    name: path.basename(path.dirname(file.path)),
    bytes: file.contents.length,
  }));
}

const readPolicy = async (file: string | null): Promise<Policy | null> =>
  file === null ? null : parseRunnersConfig(await readFile(file, 'utf8'));

/** Leaves a file alone that is the same, and never shows half of one: functions may be loading it. */
async function replace(file: string, contents: Uint8Array): Promise<void> {
  const current = await readFile(file).catch(() => undefined);
  if (current?.equals(contents)) return;
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, contents);
  await rename(temporary, file);
}

async function functionNames(): Promise<string[]> {
  const files = await readdir(path.join(ROOT, 'functions'), { recursive: true });
  return files
    .filter((file) => path.basename(file) === 'handler.ts')
    .map((file) => path.dirname(file))
    .toSorted();
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  try {
    for (const { name, bytes } of await buildFunctions(values.out && path.resolve(values.out)))
      console.log(`${name.padEnd(14)} ${(bytes / 1024).toFixed(0).padStart(5)} KB`);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
