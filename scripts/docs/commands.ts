import type { Command, Option } from 'commander';
import { createProgram } from '../../cli/main.ts';

/** `docs/commands.md`: what `--help` says of each command. */
export function commandsGuide(): string {
  const program = createProgram();
  const commands = program.commands.flatMap((command) =>
    command.commands.length > 0 ? [command, ...command.commands] : [command],
  );
  return [
    '# Commands',
    '<!-- Made by `npm run docs` from cli/; not written by hand. -->',
    `${sentence(program.description())} In a checkout it is \`npm run oneshot -- COMMAND\`, with the package \`npx oneshot COMMAND\`.`,
    'Every command takes these, before or after its name:',
    optionTable(program.options),
    'Exit codes: 0 fine; 1 a fault was found; 2 called wrongly; 3 AWS or GitHub could not be asked. `NO_COLOR` is respected.',
    ...commands.map(section),
  ]
    .join('\n\n')
    .concat('\n');
}

function section(command: Command): string {
  const parent = command.parent?.parent ? `${command.parent.name()} ` : '';
  const usage = [`oneshot ${parent}${command.name()}`, ...command.registeredArguments.map(argumentOf)].join(
    ' ',
  );
  const parts = [`## ${parent}${command.name()}`, `\`${usage}\`: ${sentence(command.description())}`];
  return [...parts, ...(command.options.length > 0 ? [optionTable(command.options)] : [])].join('\n\n');
}

const argumentOf = (argument: { name(): string; required: boolean }): string =>
  argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;

const sentence = (text: string): string => (/[.!]$/.test(text) ? text : `${text}.`);

function optionTable(options: readonly Option[]): string {
  const rows = options
    .filter(({ hidden, long }) => !hidden && long !== '--version')
    .map(({ flags, description, defaultValue }) => {
      const isSaid =
        defaultValue !== undefined &&
        defaultValue !== false &&
        defaultValue !== '' &&
        !Array.isArray(defaultValue) &&
        !description.includes('default');
      const standard =
        isSaid && typeof defaultValue !== 'boolean' ? ` (default: ${String(defaultValue)})` : '';
      return `| \`${flags.replaceAll('|', '\\|')}\` | ${description.replaceAll('|', '\\|')}${standard} |`;
    });
  return ['| Option | |', '|---|---|', ...rows].join('\n');
}
