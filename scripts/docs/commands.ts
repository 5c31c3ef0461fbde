import type { Command, Option } from 'commander';
import { EXIT_WORDS } from '../../cli/errors.ts';
import { createProgram } from '../../cli/main.ts';
import { ORDER_WORDS } from '../../cli/where/global-options.ts';

/** `docs/commands.md`: the commands with their options, in the words of `--help`. */
export function commandsGuide(): string {
  const program = createProgram();
  const commands = program.commands.flatMap((command) =>
    command.commands.length > 0 ? [command, ...command.commands] : [command],
  );
  return [
    '# Commands',
    '<!-- Made by `npm run docs` from cli/; not written by hand. -->',
    `${sentence(program.description())}\nIn a checkout write \`npm run oneshot -- COMMAND\`, with the package \`npx oneshot COMMAND\`.`,
    'Every command accepts these options, before or after its name:',
    optionTable(program.options),
    `${ORDER_WORDS}\n[deploy.md](deploy.md#which-deployment-a-command-means) shows the file.`,
    `${EXIT_WORDS}\n[exit-codes.md](exit-codes.md) shows what every command says without credentials, without a network, and in other circumstances.\nWith \`--json\` a failure is an object too: \`{"error":{"message","fix","exitCode"}}\`, on stdout.
A pipe or a file gets no colours, and tables whose lines are as long as they need be; \`NO_COLOR\` and \`FORCE_COLOR\` are obeyed.`,
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

/** The values that an option accepts, its default, and the variable that sets it. */
function addition({ argChoices, defaultValue, envVar, description }: Option): string {
  const isShown = ['string', 'number'].includes(typeof defaultValue) && defaultValue !== '';
  const parts = [
    ...(argChoices === undefined ? [] : [argChoices.join(', ')]),
    ...(isShown && !description.includes('default') ? [`default: ${defaultValue}`] : []),
    ...(envVar === undefined ? [] : [`or \`${envVar}\``]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}
