import { existsSync, readFileSync } from 'node:fs';
import { ConfigurationError } from '../functions/core/words/errors.ts';

/** ECS: a task definition has at most 64 KiB; the script is by far its largest part. */
const LARGEST_SCRIPT_BYTES = 60 * 1024;

/** The script of a task definition's command, such that osls passes it on byte for byte. */
export function loadEntrypoint(path: string): string {
  if (!existsSync(path)) throw new ConfigurationError(path, ['is missing: it is what tasks run']);
  const script = readFileSync(path, 'utf8');
  const bytes = Buffer.byteLength(script);
  const tooLarge = `has ${bytes} bytes; a task definition has room for ${LARGEST_SCRIPT_BYTES}`;
  if (bytes > LARGEST_SCRIPT_BYTES) throw new ConfigurationError(path, [tooLarge]);
  const problems = findUnspeakable(script);
  if (problems.length > 0) throw new ConfigurationError(path, problems);
  return escapeForOsls(script);
}

/**
 * Escapes each `${`, which osls would take for a variable of its own: also in what it loads from a file, and
 * silently where the variable exists. Backslashes before it are doubled, since osls halves them
 * (osls lib/configuration/variables/parse.js: `registerVarEscape`).
 */
export function escapeForOsls(script: string): string {
  return script.replaceAll(/(\\*)\$\{/g, (_, backslashes: string) => `${backslashes}${backslashes}\\\${`);
}

/** osls knows no escape for a `$` right before `${`: having seen the first, it skips the next character. */
export function findUnspeakable(script: string): string[] {
  return script.split('\n').flatMap((line, index) => {
    const match = /\$\\*\$\{/.exec(line);
    return match === null
      ? []
      : [`line ${index + 1}: "${match[0]}": osls would read it; put quotes after the first $`];
  });
}
