import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import type { BuildOptions } from '../scripts/build.ts';
import { trimOctokit, trimSdkErrors } from '../scripts/trim-sdk.ts';

/** Replaces text of a source file; throws where the text is no longer there. */
function changed(file: string, from: string, to: string): Plugin {
  return {
    name: `without-${path.basename(file)}`,
    setup({ onLoad }) {
      onLoad({ filter: new RegExp(`/${file.replaceAll('.', '\\.')}$`) }, async ({ path: found }) => {
        const source = await readFile(found, 'utf8');
        if (!source.includes(from))
          throw new Error(`${file} has no ${JSON.stringify(from)}: correct bench/levers.ts`);
        return { contents: source.replace(from, to), loader: 'ts' };
      });
    },
  };
}

const without = (...plugins: Plugin[]): BuildOptions => ({
  plugins: [trimSdkErrors, trimOctokit, ...plugins],
});

/** The build of the functions without one thing that makes a row as good as it is. */
export const WITHOUT = {
  /** The App, and with it its tokens, is kept across invocations. */
  'token-cache': without(changed('functions/kit/keep.ts', 'kept.input !== input', 'true')),
  /** The parameters are read once in five minutes. */
  'parameter-cache': without(changed('functions/aws/parameters.ts', '5 * 60_000', '0')),
  /** The SDK's error classes are left out. */
  'sdk-errors': { plugins: [] },
  /** Of the SDK's credential sources only the environment. */
  'credential-chain': { alias: {} },
};
