import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where this package is: the nearest folder above that has its `serverless.yml`, from source and from a bundle. */
export function packageRoot(from = import.meta.dirname): string {
  for (let folder = from; folder !== path.dirname(folder); folder = path.dirname(folder))
    if (existsSync(path.join(folder, 'serverless.yml')) && existsSync(path.join(folder, 'package.json')))
      return folder;
  throw new Error(`no package of oneshot above ${from}`);
}
