import type { Result } from './simulate.ts';

/** The command that shows what happened stands in the failure. */
export const storyOf = ({ violations, options }: Result, profile = 'all') =>
  violations.map(
    ({ kind, detail }) =>
      `--profile ${profile} --seed ${options.seed} --jobs ${options.jobs}: ${kind}: ${detail}`,
  );
