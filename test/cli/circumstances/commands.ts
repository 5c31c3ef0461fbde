import type { Command } from 'commander';
import { createProgram } from '../../../cli/main.ts';

/** A command as a person calls it. */
export interface Called {
  readonly name: string;
  readonly args: readonly string[];
}

/** What they are called with, by the name of the argument. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  job: '404404',
  task: 'nobody',
  repository: 'acme/web',
  image: 'ghcr.io/actions/actions-runner:2.336.0',
  stage: 'prod',
  shell: 'bash',
};

/** No browser, no question that only a terminal can ask, and no wait for a person. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  setup: ['--no-open', '--user', '--workflow', 'none', '--wait', '0.01'],
  init: ['--force'],
  'image build': ['--watch'],
  console: ['--no-open'],
  stop: ['--yes'],
};

const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

const pathOf = (command: Command): readonly string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()];

/** Every command, with what it needs. */
export const CALLED: readonly Called[] = leaves(createProgram()).map((command) => {
  const words = pathOf(command);
  const given = command.registeredArguments
    .filter(({ required }) => required)
    .map((argument) => ARGUMENTS[argument.name()] ?? 'x');
  return { name: words.join(' '), args: [...words, ...given, ...(OPTIONS[words.join(' ')] ?? [])] };
});

/** Those that stay until Ctrl-C. */
export const STAYS: ReadonlySet<string> = new Set(['console']);
