import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** `n0_registry.registerError(AccessDeniedException$, AccessDeniedException);`, of any error but the service's base. */
const REGISTRATION = /^\w+_registry\.registerError\((?!\w+ServiceException\$)[^\n]*\n/gm;

/**
 * Leaves an SDK client's own error classes out of a bundle: a seventh of its bytes (SSM alone has 140 of them). An
 * error that is not registered is thrown as the client's base exception, with the same `name`, `message` and
 * `$metadata` (`@aws-sdk/core`, ProtocolLib.getErrorSchemaOrThrowBaseException), and we tell errors by name.
 */
export const trimSdkErrors: Plugin = {
  name: 'trim-sdk-errors',
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const contents = source.replace(REGISTRATION, '');
      if (contents === source)
        throw new Error(`${path} registers no error as it did: correct scripts/trim-sdk.ts`);
      return { contents, loader: 'js' };
    });
  },
};

/** `const _xN = "xmlName";`, and its use as a key, `{ [_xN]: _f }`. */
const NAME = /^const (_\w+) = ("[^"\n]*");$/gm;
const KEY = /\[(_\w+)\]:/g;

/**
 * Writes the keys of an SDK client's schemas out, `{ "xmlName": _f }`. To a bundler a key that is computed may have an
 * effect, so it keeps every schema that has one: 800 KB of EC2, where 20 are used.
 */
export const trimSdkKeys: Plugin = {
  name: 'trim-sdk-keys',
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const names = new Map([...source.matchAll(NAME)].map(([, name, text]) => [name, text]));
      const contents = source.replace(KEY, (key, name) => (names.has(name) ? `${names.get(name)}:` : key));
      return { contents, loader: 'js' };
    });
  },
};

/** One group of methods, `  actions: {` to `  },`. */
const GROUP = /^ {2}(\w+): \{\n[\s\S]*?^ {2}\},?\n/gm;
const GROUPS: ReadonlySet<string> = new Set(['actions', 'apps']);

/** Leaves out of a bundle the groups of Octokit's named methods that the functions do not call: 60 of its 86 KB. */
export const trimOctokit: Plugin = {
  name: 'trim-octokit',
  setup({ onLoad }) {
    onLoad(
      { filter: /plugin-rest-endpoint-methods\/dist-src\/generated\/endpoints\.js$/ },
      async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const contents = source.replace(GROUP, (group, name: string) => (GROUPS.has(name) ? group : ''));
        if (contents === source) throw new Error(`${path} has no groups as it had: fix scripts/trim-sdk.ts`);
        return { contents, loader: 'js' };
      },
    );
  },
};
