import manifest from '../../package.json' with { type: 'json' };

/** The version of netavark's plugin API that flatnet speaks (netavark's plugin-API.md). */
const API_VERSION = '1.0.0';

/** The answer to `info`. */
export function formatInfo(): string {
  return JSON.stringify({ version: manifest.version, api_version: API_VERSION });
}
