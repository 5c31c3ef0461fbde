import { existsSync } from 'node:fs';
import path from 'node:path';

/** Whether this is the checkout, where TypeScript runs as it is, or the npm package that was built from it. */
const IS_SOURCE = import.meta.filename.endsWith('.ts');

/** The folder of this package: the nearest above that has a `package.json`, from source and from a bundle. */
export function packageRoot(from = import.meta.dirname): string {
  for (let folder = from; folder !== path.dirname(folder); folder = path.dirname(folder))
    if (existsSync(path.join(folder, 'package.json'))) return folder;
  throw new Error(`no package of oneshot above ${from}`);
}

/** Where `serverless.yml` and all that it loads are: the checkout itself, or what scripts/build-package.ts made of it. */
export const serviceRoot = (): string =>
  IS_SOURCE ? packageRoot() : path.join(packageRoot(), 'dist/service');
