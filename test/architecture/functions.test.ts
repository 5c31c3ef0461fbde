import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { importsOf as importsFrom, ROOT, sourcesIn, textOf } from './sources.ts';

const files = sourcesIn('functions').map((file) => file.slice('functions/'.length));
const text = (file: string) => textOf(`functions/${file}`);
const folderOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : '');
/** By their paths below functions/: `core/ports.ts`, or a package's name. */
const importsOf = (file: string) =>
  importsFrom(`functions/${file}`).map((name) => name.replace(/^functions\//, ''));

const ADAPTERS: Readonly<Record<string, RegExp>> = {
  github: /^@octokit\//,
  // Events of ECS are read by a schema.
  aws: /^(@aws-sdk\/(client-(cloudwatch|ecs|kms|sns|sqs|ssm)|credential-provider-env)|valibot)$/,
};
/** Flows take ports; only the composition roots (handlers, and what they share or load late) put them together. */
const isRoot = (file: string) =>
  file.endsWith('/handler.ts') ||
  folderOf(file) === 'stage' ||
  file === 'webhook/settling.ts' ||
  file === 'webhook/looking.ts' ||
  file === 'webhook/signature.ts';

describe('the dependency rule', () => {
  const imports = new Map(files.map((file) => [file, importsOf(file)]));
  const isPackage = (name: string) => !/^[\w-]+(\/[\w.-]+)*\.ts$/.test(name);

  it('should let core import core and the kit, and nothing else', () => {
    for (const [file, names] of imports)
      if (folderOf(file) === 'core')
        for (const name of names) expect(`${file} imports ${name}`).toMatch(/ imports (core|kit)\//);
  });

  it('should let the kit import nothing but the errors', () => {
    for (const [file, names] of imports)
      if (folderOf(file) === 'kit')
        for (const name of names)
          expect(`${file} imports ${name}`).toMatch(/ imports (kit\/|core\/words\/errors)/);
  });

  it('should keep clocks, environments and logs out of core', () => {
    for (const file of files)
      if (folderOf(file) === 'core')
        expect(text(file), file).not.toMatch(
          /process\.env|Date\.now|new Date\(\)|console\.|Math\.random|setTimeout/,
        );
  });

  it('should let an adapter import core, itself and its own SDK', () => {
    for (const [file, names] of imports) {
      const sdk = ADAPTERS[folderOf(file)];
      if (sdk === undefined) continue;
      const strangers = names.filter(
        (name) =>
          !(isPackage(name)
            ? name.startsWith('node:') || sdk.test(name)
            : ['core', 'kit', folderOf(file)].includes(folderOf(name))),
      );
      expect({ file, strangers }).toEqual({ file, strangers: [] });
    }
  });

  it('should let nobody but adapters and roots touch an SDK or an adapter', () => {
    for (const [file, names] of imports) {
      if (isRoot(file) || folderOf(file) in ADAPTERS) continue;
      const touched = names.filter(
        (name) => /^@(aws-sdk|octokit)\//.test(name) || (!isPackage(name) && folderOf(name) in ADAPTERS),
      );
      expect({ file, touched }).toEqual({ file, touched: [] });
    }
  });

  it('should let nobody import a handler', () => {
    for (const [file, names] of imports)
      expect({ file, names: names.filter((name) => name.endsWith('handler.ts')) }).toEqual({
        file,
        names: [],
      });
  });
});

describe('the reading of imports', () => {
  it('should see packages, files, types and what is loaded late', () => {
    expect(importsOf('webhook/handler.ts')).toEqual(
      expect.arrayContaining(['@aws-sdk/client-ssm', 'aws-lambda', 'log.ts', 'stage/launch.ts']),
    );
  });
});

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Each function that has a name, of its own or of what holds it, with the lines from its first to its last. */
function namedFunctions(file: string, source: string): { readonly name: string; readonly lines: number }[] {
  const visit = (node: unknown, holder?: Node): ReturnType<typeof namedFunctions> => {
    if (Array.isArray(node)) return node.flatMap((one) => visit(one, holder));
    if (typeof node !== 'object' || node === null || !('type' in node)) return [];
    const one = node as Node;
    const inner = Object.values(one).flatMap((value) => visit(value, one));
    const named = (one['id'] ?? holder?.['id'] ?? holder?.['key']) as
      | { readonly name?: string }
      | null
      | undefined;
    const isFunction = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(one.type);
    if (!isFunction || named?.name === undefined) return inner;
    const lines = source.slice(one.start, one.end).split('\n').length;
    return [{ name: named.name, lines }, ...inner];
  };
  return visit(parseSync(file, source).program);
}
const functionsIn = (file: string) => namedFunctions(file, text(file));

describe('the functions', () => {
  it('should be short: half of those with a name have at most 7 lines, and none has more than 45', () => {
    const lengths = files.flatMap((file) => functionsIn(file).map((one) => ({ file, ...one })));
    const lines = lengths.map((one) => one.lines).toSorted((a, b) => a - b);
    expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(7);
    expect(lengths.filter((one) => one.lines > 45)).toEqual([]);
  });

  it('should be measured: declarations, constants, methods and properties', () => {
    const source =
      'function a() {\n}\nconst b = () =>\n  [1].map((x) => x);\nclass C {\n  d() {}\n}\n({ e: () => 1 });';
    expect(namedFunctions('a.ts', source)).toEqual([
      { name: 'a', lines: 2 },
      { name: 'b', lines: 2 },
      { name: 'd', lines: 1 },
      { name: 'e', lines: 1 },
    ]);
  });

  it('should have no file over 200 lines', () => {
    for (const file of files) expect(text(file).split('\n').length, file).toBeLessThanOrEqual(201);
  });

  it('should fit: the webhook’s bundle has at most 580 KB', () => {
    expect(statSync(path.join(ROOT, 'dist/webhook/index.js')).size).toBeLessThanOrEqual(580 * 1024);
  });

  it('should call no named method of Octokit that the bundles leave out', () => {
    for (const file of files.filter((one) => folderOf(one) === 'github'))
      for (const [, group] of text(file).matchAll(/\brest(?:\.|: \{ )(\w+)/g))
        expect(['actions', 'apps'], file).toContain(group);
  });

  it('should leave out of the sweep what only a launch needs', () => {
    expect(readFileSync(path.join(ROOT, 'dist/sweep/index.js'), 'utf8')).not.toMatch(
      /work_folder|TrentService/,
    );
  });
});
