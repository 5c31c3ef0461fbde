import type { Command, Option } from 'commander';

/** What may stand after a command: its own commands, options, and the values that an option has. */
export interface Place {
  /** `dlq list`; empty for the program. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly options: readonly Choice[];
}

interface Word {
  readonly word: string;
  readonly what: string;
}

export interface Choice extends Word {
  readonly short: string | undefined;
  readonly takesValue: boolean;
  /** The values that it can have. */
  readonly values: readonly string[];
  readonly isFile: boolean;
}

/** Every place of a program: itself and all its commands. */
export const placesOf = (program: Command): readonly Place[] => placesBelow(program, '', program.options);

function placesBelow(command: Command, path: string, global: readonly Option[]): readonly Place[] {
  const words = command.commands.map((sub) => ({ word: sub.name(), what: sub.description() }));
  const options = [...new Set([...command.options, ...global])].filter(({ hidden }) => !hidden).map(choiceOf);
  const below = command.commands.flatMap((sub) => placesBelow(sub, `${path} ${sub.name()}`.trim(), global));
  // commander keeps `--help` apart.
  const help = { word: '--help', short: '-h', what: 'show how it is called', ...SWITCH };
  return [{ path, words: [...words, ...choicesOf(command)], options: [...options, help] }, ...below];
}

const SWITCH = { takesValue: false, values: [], isFile: false };

const choiceOf = ({
  long,
  short,
  description,
  required,
  optional,
  argChoices = [],
  flags,
}: Option): Choice => ({
  word: long ?? '',
  short,
  what: description,
  takesValue: required || optional,
  values: argChoices,
  isFile: /<(file|folder)>/.test(flags),
});

/** What an argument can be, where that is known: `completion bash`. */
const choicesOf = (command: Command): readonly Word[] =>
  command.registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((word) => ({ word, what: description })),
  );
