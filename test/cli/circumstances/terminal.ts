import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { makeFolder } from './run.ts';

/** util-linux, which makes a terminal for a program. */
const SCRIPT = '/usr/bin/script';

export const HAS_SCRIPT = existsSync(SCRIPT);

const CTRL_C = String.fromCharCode(3);

/** Runs a command on a terminal, and presses Ctrl-C once it shows `words`. */
export async function interruptAt(words: RegExp, program: string, args: readonly string[]) {
  const folder = makeFolder();
  const line = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn(SCRIPT, ['-qefc', `stty cols 80 rows 24; exec ${line}`, '/dev/null'], {
    ...{ cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, TERM: 'xterm', SHELL: '/bin/sh' } },
  });
  let shown = '';
  let isPressed = false;
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (isPressed || !words.test(shown)) return;
    isPressed = true;
    child.stdin.write(CTRL_C);
  });
  const [code] = await once(child, 'close');
  rmSync(folder, { recursive: true, force: true });
  return { code: Number(code), shown };
}
