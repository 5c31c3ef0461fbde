// The npm package has this as its build-plugin.js: there the functions are built, and only the policy is still to come.
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { putPolicy } from '../scripts/policy-line.ts';
import { writeCaBundle } from './ca-bundle.ts';

/** In the package: beside this folder. */
const BUILT = path.join(import.meta.dirname, '../functions');
const SMOKE_TEST = path.join(import.meta.dirname, '../smoke');

export default class PolicyPlugin {
  constructor(serverless, _options, { log }) {
    this.hooks = {
      'before:package:createDeploymentArtifacts': async () => {
        const policy = parseRunnersConfig(
          await readFile(path.join(serverless.serviceDir, 'runners.yml'), 'utf8'),
        );
        const out = path.join(serverless.serviceDir, 'dist');
        await cp(BUILT, out, { recursive: true });
        await cp(SMOKE_TEST, path.join(out, 'smoke'), { recursive: true });
        await writeCaBundle(out, serverless.service.custom.parameters.caBundle);
        const names = await readdir(BUILT);
        for (const file of names.map((name) => path.join(out, name, 'index.js')))
          await writeFile(file, putPolicy(await readFile(file, 'utf8'), policy));
        log.notice(`Put runners.yml into ${names.join(', ')}`);
      },
    };
  }
}
