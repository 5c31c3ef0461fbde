import type { Annotation } from './service.ts';

/** docs.github.com, Workflow commands: what the runner undoes in the text, and also in properties. */
const DATA: readonly [string, string][] = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%'],
];
const PROPERTY: readonly [string, string][] = [['%3A', ':'], ['%2C', ','], ...DATA];

const undo = (text: string, mappings: readonly [string, string][]): string =>
  mappings.reduce((undone, [escaped, plain]) => undone.replaceAll(escaped, plain), text);

/**
 * The errors among the lines of a job's log: workflow commands `::error title=T::text`, which must begin their line, and
 * the runner's own `##[error]`. Text past 4,096 characters is cut (actions/runner ActionCommand.cs, ExecutionContext.cs).
 */
export function readAnnotations(log: string): Annotation[] {
  return log.split('\n').flatMap((line) => {
    const command = /^\s*::error(?: (?<properties>.*?))?::(?<text>.*)$/.exec(line)?.groups;
    const own = /^##\[error\](?<text>.*)$/.exec(line)?.groups;
    if (own?.['text'] !== undefined) return [{ message: own['text'] }];
    if (command?.['text'] === undefined) return [];
    const title = titleOf(command['properties'] ?? '');
    const message = undo(command['text'], DATA).slice(0, 4096);
    return [{ message, ...(title !== undefined && { title }) }];
  });
}

function titleOf(properties: string): string | undefined {
  const pair = properties.split(',').find((property) => property.startsWith('title='));
  return pair === undefined ? undefined : undo(pair.slice('title='.length), PROPERTY);
}
