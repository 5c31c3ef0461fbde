import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { createProgram, main } from '../../cli/main.ts';

async function scriptOf(shell: string): Promise<string> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const code = await main(['completion', shell]);
  const text = printed.mock.calls.join('\n');
  printed.mockRestore();
  expect(code).toBe(0);
  return text;
}

/** What bash offers for the last of the words, as it would at a press of Tab. */
function complete(script: string, line: string): string[] {
  const words = line.split(' ');
  const ask = `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_oneshot 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--norc', '-uc', ask], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('oneshot completion', () => {
  it('should complete commands, their commands, options and values in bash', async () => {
    const script = await scriptOf('bash');
    const names = createProgram().commands.map((command) => command.name());
    expect(complete(script, 'oneshot ')).toEqual(expect.arrayContaining(names));
    for (const [line, offered] of [
      ['oneshot st', ['status', 'stop']],
      ['oneshot dlq ', ['list', 'retry', '--stage']],
      ['oneshot dlq list --st', ['--stage']],
      ['oneshot --stage prod --json dl', ['dlq']],
      ['oneshot setup --workflow ', ['open', 'print', 'none']],
      ['oneshot setup --workflow p', ['print']],
      ['oneshot completion ', ['bash', 'zsh', 'fish']],
    ] as const)
      expect([line, complete(script, line)]).toEqual([line, expect.arrayContaining([...offered])]);
    expect(complete(script, 'oneshot dlq list --st')).toEqual(['--stage']);
    expect(complete(script, 'oneshot status ')).not.toContain('doctor');
    expect(complete(script, 'oneshot status --stage ')).toEqual([]);
  });

  it.each(['zsh', 'fish'])('should name each command and option in the script for %s', async (shell) => {
    const script = await scriptOf(shell);
    for (const command of createProgram().commands) {
      expect(script).toContain(command.name());
      for (const { long } of command.options) expect(script).toContain(long?.slice(2));
    }
    // A syntax check, where that shell is installed.
    const { status = 0, error } = spawnSync(shell, ['-n'], { input: script });
    expect(error === undefined ? status : 0).toBe(0);
  });

  it('should say which shells there are', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await main(['completion', 'powershell'])).toBe(2);
    expect(told.mock.calls.join('\n')).toContain('bash, zsh, fish');
    told.mockRestore();
  });
});
