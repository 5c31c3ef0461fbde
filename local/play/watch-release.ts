import { CliError } from '../../cli/errors.ts';
import type { World } from '../world/start-world.ts';

/** Of the supervisor: the listener is at work. */
const AT_WORK = new Set(['idle', 'assigned', 'busy']);
/** Endings of a task whose runner has never come that far, and will not the next time either. */
const NEVER = new Set(['never-connected', 'listener-failed', 'version-deprecated', 'bad-configuration']);
/** Of what it said last. */
const MOST_LINES = 8;

interface StateLine {
  readonly oneshot?: string;
  readonly state?: string;
  readonly ending?: string;
  readonly exitCode?: number;
}

/**
 * Rejects with a CliError where the first runner ends before any has listened for jobs: a release that does not run
 * here would be launched again for hours. Resolves never.
 */
export function untilReleaseFails({ aws, runner }: World): Promise<never> {
  return new Promise((_, reject) => {
    let hasWorked = runner === undefined;
    const said = new Map<string, string[]>();
    aws.on('task-log', ({ arn, line }) => {
      if (hasWorked) return;
      const { state = '', ending = '', exitCode } = readState(line);
      if (state === '') said.set(arn, [...(said.get(arn) ?? []), line].slice(-MOST_LINES));
      hasWorked = AT_WORK.has(state);
      if (state !== 'ended' || !NEVER.has(ending)) return;
      const end = `exit code ${exitCode}, ${ending}`;
      reject(releaseError(`${runner?.version} in ${runner?.directory}`, end, said.get(arn) ?? []));
    });
  });
}

function readState(line: string): StateLine {
  if (!line.startsWith('{"oneshot":"state"')) return {};
  return JSON.parse(line) as StateLine;
}

const releaseError = (release: string, end: string, said: readonly string[]): CliError =>
  new CliError(
    [`the runner ${release} ended before it listened for jobs (${end}). It said:`, ...said].join('\n'),
    'see what it said; docs/operations.md, Exit codes, has the endings of a task',
  );
