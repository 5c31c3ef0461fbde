import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseRunnersConfig } from '../../functions/runners-config.ts';
import type { AddCommand } from '../context.ts';
import { CliError, EXIT } from '../errors.ts';
import { packageRoot } from '../package-root.ts';

interface InitOptions {
  readonly allow?: readonly string[];
  readonly force: boolean;
}

export const addInit: AddCommand = (program, context) => {
  program
    .command('init')
    .description('write a commented runners.yml: who gets runners, and of which sizes')
    .option('--allow <repositories...>', 'who gets runners: owner/name, or owner/* for all of an owner')
    .option('--force', 'overwrite an existing file', false)
    .action(async ({ allow, force }: InitOptions) => {
      const { output } = context();
      const file = path.resolve('runners.yml');
      const shipped = await readFile(path.join(packageRoot(), 'runners.yml'), 'utf8');
      await write(file, allow === undefined ? shipped : allowing(shipped, allow), force);
      const next =
        allow === undefined
          ? 'Put your repositories into allow.repositories, then run oneshot deploy'
          : 'Next: oneshot deploy';
      output.answer({ file }, () => `wrote ${file}\n${next}`);
    });
};

/** The repositories that the shipped file has as an example. */
const EXAMPLE = '    - acme/*\n';

/** The shipped policy, for these repositories. Throws ConfigurationError where one is not a repository. */
function allowing(shipped: string, repositories: readonly string[]): string {
  const text = shipped.replace(EXAMPLE, () => repositories.map((name) => `    - ${name}\n`).join(''));
  parseRunnersConfig(text);
  return text;
}

async function write(file: string, text: string, force: boolean): Promise<void> {
  await writeFile(file, text, { flag: force ? 'w' : 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST')
      throw new CliError(
        'runners.yml exists already',
        'edit it, or overwrite it with --force',
        EXIT.usage,
        cause,
      );
    throw new CliError(
      `${file} cannot be written: ${cause.message}`,
      'choose another folder',
      EXIT.usage,
      cause,
    );
  });
}
