import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FILES = ['.runner', '.credentials', '.credentials_rsaparams'];

/** `.env` is read first and wins over the environment; `ACTIONS_RUNNER_INPUT_*` are taken out of what children see. */
export function readInput(root: string): string | undefined {
  const file = path.join(root, '.env');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines) {
    const at = line.indexOf('=');
    if (at > 0) process.env[line.slice(0, at)] = line.slice(at + 1);
  }
  const input = process.env['ACTIONS_RUNNER_INPUT_JITCONFIG'];
  for (const name of Object.keys(process.env))
    if (name.startsWith('ACTIONS_RUNNER_INPUT_')) delete process.env[name];
  return input;
}

/** The three files that a JIT config holds; without one, files of these names. */
export function writeConfiguration(root: string, files: Readonly<Record<string, string>> = {}): void {
  for (const name of FILES) writeFileSync(path.join(root, name), files[name] ?? '{}');
}

export function removeConfigurationFiles(root: string): void {
  for (const name of FILES) rmSync(path.join(root, name), { force: true });
}
