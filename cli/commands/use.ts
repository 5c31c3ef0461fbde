import { type AddCommand, worksOffline } from '../context.ts';
import { CONTEXT_FILE } from '../where/context-file.ts';
import { stageOf } from '../where/global-options.ts';
import { describeKept, useNamed } from '../where/remember.ts';

export const addUse: AddCommand = (program, context) => {
  worksOffline(
    program
      .command('use')
      .argument('<stage>', 'the stage, like prod', stageOf)
      .description(
        `make a stage the one that commands in this folder mean, and keep its --region, --profile and --github-url: in ${CONTEXT_FILE}`,
      ),
  ).action(async (stage: string) => {
    const { output } = context();
    const kept = await useNamed(program, stage, process.cwd());
    output.answer(
      { file: CONTEXT_FILE, stage, ...kept },
      () => `${CONTEXT_FILE}: ${describeKept(stage, kept)}`,
    );
  });
};
