import type { Command } from 'commander';
import stringWidth from 'string-width';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sweep } from '../../cli/doctor/links/sweep.ts';
import { createProgram } from '../../cli/main.ts';
import { shorten } from '../../cli/shorten.ts';
import { counted } from '../../functions/core/words/count.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
const COMMANDS = all(createProgram()).map((command) => [command.name(), command] as const);

function helpOf(command: Command, columns: string): string {
  vi.stubEnv('COLUMNS', columns);
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  command.outputHelp();
  vi.restoreAllMocks();
  return printed;
}

describe('the help', () => {
  it.each(COMMANDS)('should fit a screen of 80 and of 60 columns: %s', (_, command) => {
    for (const columns of [80, 60])
      for (const line of helpOf(command, String(columns)).split('\n'))
        expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
  });

  it.each(COMMANDS)('should say no default that says nothing, and none twice: %s', (_, command) => {
    expect(helpOf(command, '200')).not.toMatch(/default: (true|false|\[\]|undefined)|\(default.*\(default/);
  });
});

describe('words', () => {
  it('should count one thing as one', () => {
    expect([counted(0, 'job'), counted(1, 'job'), counted(2, 'job')]).toEqual(['0 jobs', '1 job', '2 jobs']);
    expect(counted(2, 'repository', 'repositories')).toBe('2 repositories');
  });

  it('should put no sweep into the future, where two clocks differ', () => {
    const verdict = sweep.judge({
      nowMs: 0,
      sweep: { kind: 'read', value: { lastAtMs: 4000, lastErrors: [] } },
    } as Parameters<typeof sweep.judge>[0]);
    expect(verdict).toMatchObject({ kind: 'ok', seen: '0 s ago' });
  });

  it('should be cut between two words, and say so', () => {
    const text = 'oneshot setup puts it there, or you by hand (docs/deploy.md)';
    expect(shorten(text, 60)).toBe(text);
    expect(shorten(text, 56)).toBe('oneshot setup puts it there, or you by hand…');
    expect(shorten('x'.repeat(20), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});
