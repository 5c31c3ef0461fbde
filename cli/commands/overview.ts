import type { AddCommand } from '../context.ts';
import { MARKS } from '../output.ts';
import { look } from '../overview/look.ts';
import { nextStep, type Overview } from '../overview/next-step.ts';
import { PAINT } from '../terminal.ts';

/** What `oneshot` alone does. */
export const OVERVIEW = 'overview';

export const addOverview: AddCommand = (program, context) => {
  program
    .command(OVERVIEW)
    .description('show where things stand, and the next command; oneshot alone does the same')
    .action(async () => {
      const made = context();
      const overview = nextStep(await look(made));
      const { exitCode, ...data } = overview;
      made.output.answer(data, () => draw(overview));
      process.exitCode = exitCode;
    });
};

function draw({ summary, faults, next, state }: Overview): string {
  const mark = state === 'healthy' ? MARKS.warn : MARKS.fail;
  const width = Math.max(...next.map(({ command }) => command.length));
  return [
    summary,
    ...faults.map(({ what, fix }) => `${mark} ${what}\n    fix: ${fix}`),
    '',
    ...next.map(
      ({ command, why }) => `  ${PAINT.bold(command)}${' '.repeat(width - command.length)}   ${why}`,
    ),
    '',
    'oneshot --help lists all commands.',
  ].join('\n');
}
