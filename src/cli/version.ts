import manifest from '../../package.json' with { type: 'json' };

/** The release this executable was built from, as package.json states it. */
export const VERSION: string = manifest.version;
