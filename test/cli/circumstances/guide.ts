import { EXIT_WORDS } from '../../../cli/errors.ts';
import type { Outcome } from './outcome.ts';

/** `docs/exit-codes.md`: what every command says and ends with in every circumstance, as it was seen. */
export function exitCodeGuide(outcomes: readonly Outcome[]): string {
  const circumstances = new Map(outcomes.map(({ circumstance }) => [circumstance.name, circumstance]));
  return [
    '# Exit codes and messages',
    '<!-- Made by `npm run test:long -- test/cli/long/circumstances.test.ts -u`; not written by hand. -->',
    EXIT_WORDS,
    'A failure is told on stderr as `error` and `fix`, with `--json` on stdout as `{"error":{"message","fix","exitCode"}}`.\n' +
      'A bug never shows its stack by itself: `ONESHOT_DEBUG=1` does.',
    'A test runs every command in each circumstance below, and holds that it ends by itself, with one of these codes, a message with its fix, and without a stack, an escape sequence or half a table.',
    ...[...circumstances.values()].map((one) => {
      const seen = outcomes.filter(({ circumstance }) => circumstance.name === one.name);
      return `## ${one.name[0]?.toUpperCase()}${one.name.slice(1)}\n\n${one.words[0]?.toUpperCase()}${one.words.slice(1)}.\n\n${tableOf(seen)}`;
    }),
  ]
    .join('\n\n')
    .concat('\n');
}

function tableOf(outcomes: readonly Outcome[]): string {
  const rows = new Map<string, string[]>();
  for (const { code, message, fix, command } of outcomes) {
    const key = `${code} | ${inCell(message)} | ${inCell(fix)}`;
    rows.set(key, [...(rows.get(key) ?? []), `\`${command}\``]);
  }
  const lines = [...rows].map(([rest, commands]) => `| ${commands.join(', ')} | ${rest} |`);
  return ['| Command | Exit code | Message | Fix |', '|---|---|---|---|', ...lines].join('\n');
}

const inCell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
