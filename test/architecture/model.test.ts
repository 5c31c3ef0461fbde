import { expect, it } from 'vitest';
import { importsOf, sourcesIn, textOf } from './sources.ts';

it('should let the model of the outside world import itself alone, and own no time and no chance', () => {
  for (const file of sourcesIn('model')) {
    for (const name of importsOf(file)) expect(`${file} imports ${name}`).toMatch(/ imports model\//);
    expect(textOf(file), file).not.toMatch(
      /\bnew Date\b|Date\.now|setTimeout|setInterval|Math\.random|Promise<|\basync |EventEmitter/,
    );
  }
});
