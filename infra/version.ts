import manifest from '../package.json' with { type: 'json' };

/** The version of what is deployed: that of this package. */
export const VERSION: string = manifest.version;
