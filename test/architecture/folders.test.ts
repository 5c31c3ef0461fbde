import { describe, expect, it } from 'vitest';
import { importsOf, sourcesIn, textOf } from './sources.ts';

const SHIPPED = ['functions', 'infra', 'cli', 'local', 'model', 'simulation', 'scripts', 'bench'];

/** What makes a model more than a step: time that it reads, chance that it throws, and what happens later by itself. */
const LATER =
  /\b(setTimeout|setInterval|setImmediate|nextTick|queueMicrotask|EventEmitter|EventTarget|Promise|async|await|Date|performance|Math\.random)\b/g;
const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
const laterIn = (text: string) => withoutComments(text).match(LATER) ?? [];

describe('the folders', () => {
  it.each(SHIPPED)('should import nothing of test/ in %s', (folder) => {
    const imports = sourcesIn(folder).flatMap((file) => importsOf(file).map((name) => `${file} > ${name}`));
    expect(imports.filter((one) => / > test\//.test(one))).toEqual([]);
  });

  it('should keep the model to steps, with time, dice and faults as arguments', () => {
    for (const file of sourcesIn('model'))
      expect({ file, later: laterIn(textOf(file)) }).toEqual({ file, later: [] });
  });

  it('should let the model import itself and types of the product, and no skin', () => {
    const imports = sourcesIn('model').flatMap((file) => importsOf(file));
    expect(imports.filter((name) => !/^(model|functions)\//.test(name))).toEqual([]);
  });

  it('should see what a model must not have, and read past comments', () => {
    expect(laterIn('/** A Date. */ const x = () => Date.now(); // await\nsetTimeout(x);')).toEqual([
      'Date',
      'setTimeout',
    ]);
  });
});
