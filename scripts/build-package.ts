/**
 * Makes what the npm package has in `dist/`: `cli/`, the command line, and `service/`, the deployment, both as
 * JavaScript that needs nothing but Node and osls. `node scripts/build-package.ts`, which `npm pack` does by itself.
 */
import { cp, glob, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';
import { buildFunctions } from './build.ts';
import { buildConsole } from './build-console.ts';
import { buildSmokeTest } from './build-smoke.ts';
import { thirdPartyNotices } from './notices.ts';
import { trimSdkKeys } from './trim-sdk.ts';

const ROOT = path.join(import.meta.dirname, '..');

/** What osls reads as it is. */
const AS_IT_IS = ['serverless.yml', 'infra/*.{yml,json}', 'image/**/*'];

/** CommonJS inside ESM: esbuild leaves `require` of what Node itself brings to the one that is there. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`;

/** Builds the package's part of `dist/` again. */
export async function buildPackage(dist = path.join(ROOT, 'dist')): Promise<void> {
  for (const folder of ['cli', 'service', 'chunks', 'console'])
    await rm(path.join(dist, folder), { recursive: true, force: true });
  await copyService(path.join(dist, 'service'));
  await buildFunctions(path.join(dist, 'service/functions'), { policyFile: null });
  const smoke = await buildSmokeTest(path.join(dist, 'service'));
  const page = await buildConsole(path.join(dist, 'console'));
  const inputs = { ...(await buildPrograms(dist)), ...page.inputs, ...smoke.inputs };
  await writeFile(path.join(dist, 'cli/NOTICES.txt'), await thirdPartyNotices(ROOT, inputs));
}

async function copyService(service: string): Promise<void> {
  for await (const file of glob(AS_IT_IS, { cwd: ROOT }))
    await cp(path.join(ROOT, file), path.join(service, file), { recursive: true });
  // osls loads the files of infra/ by require or import: they are modules, wherever the package is.
  await writeFile(path.join(service, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`);
}

/** The command line and what osls loads, which have the AWS SDK in common. Returns what went into them. */
async function buildPrograms(dist: string): Promise<Metafile['inputs']> {
  const { metafile } = await build({
    entryPoints: {
      'cli/oneshot': path.join(ROOT, 'cli/entry.ts'),
      'service/infra/load': path.join(ROOT, 'infra/load.js'),
      'service/infra/account-plugin': path.join(ROOT, 'infra/account-plugin.js'),
      'service/infra/build-plugin': path.join(ROOT, 'infra/policy-plugin.js'),
    },
    outdir: dist,
    chunkNames: 'chunks/[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // What builds the page is a checkout's.
    external: ['esbuild'],
    // The oldest Node that `engines` in package.json allows.
    target: 'node22.13',
    mainFields: ['module', 'main'],
    // Names are kept: what goes wrong at a user's is read from a trace.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: { js: REQUIRE },
    plugins: [trimSdkKeys],
    metafile: true,
    absWorkingDir: ROOT,
    logLevel: 'warning',
  });
  return metafile.inputs;
}

if (import.meta.main) {
  await buildPackage();
  const { version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
  console.error(`Built the package of oneshot ${version}`);
}
