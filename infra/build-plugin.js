// Builds the functions before they are packaged: what is deployed is what stands in functions/ and runners.yml now.
import path from 'node:path';
import { writeCaBundle } from './ca-bundle.ts';

export default class BuildPlugin {
  constructor(serverless, _options, { log }) {
    this.hooks = {
      'before:package:createDeploymentArtifacts': async () => {
        // Late, as osls can only `require` a plugin, and esbuild is not needed by its other commands.
        const { buildFunctions } = await import('../scripts/build.ts');
        const { buildSmokeTest } = await import('../scripts/build-smoke.ts');
        const policyFile = path.join(serverless.serviceDir, 'runners.yml');
        const out = path.join(serverless.serviceDir, 'dist');
        const bundles = await buildFunctions(out, { policyFile });
        bundles.push(await buildSmokeTest(out));
        await writeCaBundle(out, serverless.service.custom.parameters.caBundle);
        for (const { name, bytes } of bundles) log.notice(`Built ${name}: ${Math.round(bytes / 1024)} KB`);
      },
    };
  }
}
