import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createOutput, MARKS, table } from '../../cli/output.ts';
import { inOneLine, PAINT, toTerminal } from '../../cli/terminal.ts';

// Asked when the module is loaded: colours also without a terminal.
vi.hoisted(() => {
  process.env['FORCE_COLOR'] = '1';
});

/** Written by code, so that this file itself is harmless to print. */
const of = (...codes: readonly number[]) => String.fromCharCode(...codes);
const ESC = of(0x1b);
const BEL = of(0x07);

const HOSTILE: readonly [what: string, text: string][] = [
  ['a title', `${ESC}]0;owned${BEL}`],
  ['the clipboard', `${ESC}]52;c;Y3VybCBldmlsfHNo${BEL}`],
  ['a cursor that moves up', `${ESC}[1A${ESC}[2K`],
  ['a colour', `${ESC}[32m`],
  ['text that is hidden', `${ESC}[8m`],
  ['a C1 control', `${of(0x9b)}2J`],
  ['a line begun again', `ok${of(0x0d)}no`],
  ['DEL', of(0x7f)],
  ['text turned around', `${of(0x202e)}txt.exe`],
  ['an isolate', `${of(0x2066)}a${of(0x2069)}`],
];
const obeyed = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

/** Bold in the head of a table, red. */
const withoutOurColours = (output: string) =>
  [1, 22, 31, 39].reduce((rest, code) => rest.replaceAll(`${ESC}[${code}m`, ''), output);

/** What the terminal gets of a command. */
function printed(isJson: boolean, act: (output: ReturnType<typeof createOutput>) => void): string {
  const lines: string[] = [];
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void lines.push(String(line))),
  );
  try {
    act(createOutput(isJson));
    return lines.join('\n');
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('a terminal', () => {
  it.each(HOSTILE)('should not be given %s by any printer', (_, text) => {
    const outputs = [
      printed(false, ({ answer }) => answer({}, () => `job ${text}`)),
      printed(false, ({ answer }) => answer({}, () => table([text], [[text]]))),
      printed(false, ({ tell }) => tell(text)),
      printed(true, ({ answer }) => answer({ [text]: text }, () => '')),
      toTerminal(PAINT.red(text)),
    ];
    for (const output of outputs) {
      expect(output).toMatch(/\\[ur]/);
      expect(withoutOurColours(output)).not.toMatch(obeyed);
    }
    expect(toTerminal(text)).not.toMatch(obeyed);
  });

  it('should be given no control, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => !obeyed.test(toTerminal(text))),
      { numRuns: 500 },
    );
  });

  it('should keep our lines, tabs and colours', () => {
    expect(toTerminal('a\n\tb')).toBe('a\n\tb');
    expect(toTerminal(MARKS.ok)).toBe(`${ESC}[32m✓${ESC}[39m`);
    expect(stripVTControlCharacters(table(['Name'], [['build']]))).toContain('│ Name  │');
  });

  it('should get JSON of the same value', () => {
    const value = Object.fromEntries(HOSTILE);
    expect(JSON.parse(printed(true, ({ answer }) => answer(value, () => '')))).toEqual(value);
  });

  it('should show text of somebody else’s in the line that it stands in', () => {
    expect(inOneLine('build\nfix   nothing')).toBe('build\\nfix   nothing');
    const rows = table(['Name'], [['a\nb']]).split('\n');
    expect(rows).toHaveLength(5);
  });
});
