import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createOutput, MARKS, table } from '../../cli/output.ts';
import { inOneLine, PAINT, toTerminal } from '../../cli/terminal.ts';

// Colours also without a terminal.
beforeEach(() => void vi.stubEnv('FORCE_COLOR', '1'));
afterEach(() => void vi.unstubAllEnvs());

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
    expect(toTerminal(table(['Name'], [['build']]))).toBe(`${ESC}[1mName${ESC}[22m\nbuild`);
  });

  it('should get JSON of the same value', () => {
    const value = Object.fromEntries(HOSTILE);
    expect(JSON.parse(printed(true, ({ answer }) => answer(value, () => '')))).toEqual(value);
  });

  it('should show text of somebody else’s in the line that it stands in', () => {
    expect(inOneLine('build\nfix   nothing')).toBe('build\\nfix   nothing');
    const rows = table(['Name'], [['a\nb']]).split('\n');
    expect(rows).toHaveLength(2);
  });

  it.each([
    [{ FORCE_COLOR: '' }, { isTTY: true }, true],
    [{ FORCE_COLOR: '' }, { isTTY: false }, false],
    [{ FORCE_COLOR: '', CI: 'true' }, {}, false],
    [{ FORCE_COLOR: '', TERM: 'dumb' }, { isTTY: true }, false],
    [{ FORCE_COLOR: '', NO_COLOR: '1' }, { isTTY: true }, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, { isTTY: true }, false],
    [{ FORCE_COLOR: '1' }, {}, true],
    [{ FORCE_COLOR: '0' }, { isTTY: true }, false],
  ])('should show colours as the variables %j and the stream %j say', (variables, stream, isColoured) => {
    vi.stubEnv('TERM', 'xterm').stubEnv('CI', '').stubEnv('NO_COLOR', '');
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    expect(toTerminal(PAINT.red('x'), stream)).toBe(isColoured ? `${ESC}[31mx${ESC}[39m` : 'x');
  });

  it('should keep our colours in a line, and nobody else’s', () => {
    const line = inOneLine(`${PAINT.red('x')}${ESC}[32my`);
    expect(toTerminal(line)).toBe(`${ESC}[31mx${ESC}[39m\\u001b[32my`);
  });
});
