// What serverless.yml and the files beside this one take from TypeScript: `${file(infra/load.js):NAME}`. osls
// loads JavaScript only, so this is only the bridge: osls calls an export and uses the result.
import { ConfigurationError } from '../functions/core/words/errors.ts';
import { loadDashboard } from './dashboard.ts';
import { loadEntrypoint } from './entrypoint.ts';
import { loadBuildspec } from './image-files.ts';
import { loadParameters } from './load-parameters.ts';
import { VERSION } from './version.ts';

export const version = () => VERSION;
export const parameters = withoutTrace(loadParameters);
export const entrypoint = withoutTrace(() => loadEntrypoint('image/entrypoint.sh'));
export const buildspec = withoutTrace(() => loadBuildspec('image'));
export const dashboard = withoutTrace(loadDashboard);

/** osls prints the stack of what a loaded function throws; of a configuration error the message is all there is. */
function withoutTrace(load) {
  return async (resolver) => {
    try {
      return await load(resolver);
    } catch (error) {
      if (error instanceof ConfigurationError) error.stack = error.message;
      throw error;
    }
  };
}
