import { constants, copyFile } from 'node:fs/promises';
import path from 'node:path';
import { CliError, EXIT } from '../errors.ts';
import type { AddCommand } from '../main.ts';
import { packageRoot } from '../package-root.ts';

export const addInit: AddCommand = (program, context) => {
  program
    .command('init')
    .description('write a commented runners.yml: who gets runners of which sizes')
    .option('--force', 'over one that is there', false)
    .action(async ({ force }: { force: boolean }) => {
      const { output } = context();
      const file = path.resolve('runners.yml');
      await copyFile(
        path.join(packageRoot(), 'runners.yml'),
        file,
        force ? 0 : constants.COPYFILE_EXCL,
      ).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'EEXIST')
          throw new CliError('there is a runners.yml already', 'edit it, or give --force', EXIT.usage, cause);
        throw new CliError(
          `${file} cannot be written: ${cause.message}`,
          'choose another folder',
          EXIT.usage,
          cause,
        );
      });
      output.answer(
        { file },
        () => `wrote ${file}\nPut your repositories into allow.repositories, then deploy.`,
      );
    });
};
