import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');
const FUNCTIONS = path.join(ROOT, 'functions');

const files = readdirSync(FUNCTIONS, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const text = (file: string) => readFileSync(path.join(FUNCTIONS, file), 'utf8');
const folderOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : '');

/** What a file imports, types included: `core/sizes.ts`, or a package's name. */
function importsOf(file: string): string[] {
  const names = [...text(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name = '']) => name);
  const resolve = (name: string) => path.posix.join(path.posix.dirname(file), name);
  return names.map((name) => (name.startsWith('.') ? resolve(name) : name));
}

const ADAPTERS: Readonly<Record<string, RegExp>> = {
  github: /^@octokit\//,
  // Events of ECS are read by a schema.
  aws: /^(@aws-sdk\/(client-(ecs|ssm|kms|sqs)|credential-provider-env)|valibot)$/,
};
/** Flows take ports; only the composition roots (handlers, and what they share or load late) put them together. */
const isRoot = (file: string) =>
  file.endsWith('/handler.ts') ||
  folderOf(file) === 'roots' ||
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
      expect.arrayContaining(['@aws-sdk/client-ssm', 'aws-lambda', 'log.ts', 'roots/launch-ports.ts']),
    );
  });
});

describe('the functions', () => {
  it('should have no file over 200 lines', () => {
    for (const file of files) expect(text(file).split('\n').length, file).toBeLessThanOrEqual(201);
  });

  it('should fit: the webhook’s bundle has at most 500 KB', () => {
    expect(statSync(path.join(ROOT, 'dist/webhook/index.js')).size).toBeLessThanOrEqual(500 * 1024);
  });

  it('should leave out of the sweep what only a launch needs', () => {
    expect(readFileSync(path.join(ROOT, 'dist/sweep/index.js'), 'utf8')).not.toMatch(
      /generate-jitconfig|TrentService/,
    );
  });
});
