import type { Command, Option } from 'commander';
import { EXIT_WORDS } from '../../cli/errors.ts';
import { createProgram } from '../../cli/main.ts';

/** `docs/commands.md`: the commands, with their options as `--help` has them. */
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
    `${EXIT_WORDS} \`NO_COLOR\` is respected.`,
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
    .map((option) => `| \`${escaped(option.flags)}\` | ${escaped(option.description)}${addition(option)} |`);
  return ['| Option | |', '|---|---|', ...rows].join('\n');
}

const escaped = (text: string): string => text.replaceAll('|', '\\|');

/** What a value may be, what it is where it is left out, and the variable that gives it. */
function addition({ argChoices, defaultValue, envVar, description }: Option): string {
  const isSaid = ['string', 'number'].includes(typeof defaultValue) && defaultValue !== '';
  const parts = [
    ...(argChoices === undefined ? [] : [argChoices.join(', ')]),
    ...(isSaid && !description.includes('default') ? [`default: ${defaultValue}`] : []),
    ...(envVar === undefined ? [] : [`or \`${envVar}\``]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}
