import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import type { BuildOptions } from '../scripts/build.ts';
import { trimSdkErrors } from '../scripts/trim-sdk.ts';

/** One thing that makes a row as good as it is, and the build of the functions without it. */
export interface Lever {
  readonly name: string;
  readonly what: string;
  readonly without: BuildOptions;
}

/** Replaces text of a source file; throws where the text is no longer there. */
function changed(file: string, from: string, to: string): Plugin {
  return {
    name: `without-${path.basename(file)}`,
    setup({ onLoad }) {
      onLoad({ filter: new RegExp(`/${file.replaceAll('.', '\\.')}$`) }, async ({ path: found }) => {
        const source = await readFile(found, 'utf8');
        if (!source.includes(from))
          throw new Error(`${file} has no ${JSON.stringify(from)}: mend bench/levers.ts`);
        return { contents: source.replace(from, to), loader: 'ts' };
      });
    },
  };
}

const without = (...plugins: Plugin[]): BuildOptions => ({ plugins: [trimSdkErrors, ...plugins] });

export const LEVERS: readonly Lever[] = [
  {
    name: 'token-cache',
    what: 'the App, and with it its tokens, is kept across invocations',
    without: without(changed('functions/kit/keep.ts', 'kept.input !== input', 'true')),
  },
  {
    name: 'parameter-cache',
    what: 'the parameters are read once in five minutes',
    without: without(changed('functions/aws/parameters.ts', '5 * 60_000', '0')),
  },
  {
    name: 'lazy-loading',
    what: 'Octokit and two SDK clients load only for a job that wants a runner',
    without: without(
      changed(
        'functions/webhook/handler.ts',
        'import { SSMClient }',
        "import '../roots/github.ts';\nimport '../roots/launch-ports.ts';\nimport './settling.ts';\nimport { SSMClient }",
      ),
    ),
  },
  { name: 'sdk-errors', what: 'the SDK’s error classes are left out', without: { plugins: [] } },
  {
    name: 'credential-chain',
    what: 'of the SDK’s credential sources only the environment',
    without: { alias: {} },
  },
];
