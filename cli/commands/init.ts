import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseRunnersConfig } from '../../functions/runners-config.ts';
import { type AddCommand, worksOffline } from '../context.ts';
import { CliError, EXIT } from '../errors.ts';
import { limitsInWords } from '../limits.ts';
import { packageRoot } from '../package-root.ts';
import { CONTEXT_FILE, readContextFile } from '../where/context-file.ts';
import { namedIn } from '../where/global-options.ts';
import { describeKept, useNamed } from '../where/remember.ts';

interface InitOptions {
  readonly allow?: readonly string[];
  readonly force: boolean;
}

export const addInit: AddCommand = (program, context) => {
  worksOffline(
    program
      .command('init')
      .description(
        `write a commented runners.yml: who gets runners, and of which sizes; with --stage, --region or --profile also ${CONTEXT_FILE}`,
      )
      .option('--allow <repositories...>', 'who gets runners: owner/name, or owner/* for all of an owner')
      .option('--force', 'overwrite an existing runners.yml', false),
  ).action(async ({ allow, force }: InitOptions) => {
    const { choice, output } = context();
    const file = path.resolve('runners.yml');
    const shipped = await readFile(path.join(packageRoot(), 'runners.yml'), 'utf8');
    const text = allow === undefined ? shipped : allowing(shipped, allow);
    const policy = parseRunnersConfig(text);
    const isNamed = Object.keys(namedIn(program)).length > 0;
    // An `oneshot.yml` that cannot be used stops it before anything is written.
    if (isNamed) await readContextFile(process.cwd());
    await write(file, text, force);
    const kept = isNamed ? await useNamed(program, choice.stage, process.cwd()) : undefined;
    const next =
      allow === undefined
        ? 'Put your repositories into allow.repositories, then run oneshot deploy'
        : 'Next: oneshot deploy';
    const also = kept && `wrote ${CONTEXT_FILE}: ${describeKept(choice.stage, kept)}\n`;
    output.answer(
      { file, limits: policy.limits, ...(kept && { stage: choice.stage, ...kept }) },
      () => `wrote ${file}\n${also ?? ''}${limitsInWords(policy)}\n${next}`,
    );
  });
};

/** The repositories that the shipped file has as an example. */
const EXAMPLE = '    - acme/*\n';

/** The shipped policy, for these repositories. */
const allowing = (shipped: string, repositories: readonly string[]): string =>
  shipped.replace(EXAMPLE, () => repositories.map((name) => `    - ${name}\n`).join(''));

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
