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
