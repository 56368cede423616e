import type { PluginFacts, Protocol } from '../protocol.ts';
import { runCases, selectCases } from '../runner.ts';
import { makeDriverBench } from './bench.ts';
import { DRIVER_FAMILIES } from './cases/index.ts';
import { loadDriver, type Driver } from './driver.ts';
import { NETWORK_NAME } from './network.ts';

/** The driver plugins of netavark. */
export const netavark: Protocol = {
  families: DRIVER_FAMILIES,
  select: (only) => selectCases(DRIVER_FAMILIES, only),
  async open({ plugin, config }) {
    const driver = await loadDriver({ plugin, config });
    const { problem } = driver.seen;
    if (problem !== undefined) {
      throw new Error(
        `Cannot test "${driver.binary}": a plain network or container fails, so every case would: ${problem}; ` +
          'see that the network of --config suits the driver, and that what it needs is installed',
      );
    }
    return {
      plugin: describeDriver(driver),
      claims: describeClaims(driver),
      shared: driver.privacy.shared,
      run: (only, options) =>
        runCases({
          ...options,
          subject: driver,
          makeBench: makeDriverBench,
          cases: selectCases(DRIVER_FAMILIES, only),
        }),
    };
  },
};

function describeDriver({ binary, type, asked, apiVersion }: Driver): PluginFacts {
  const versions = apiVersion === undefined ? [] : [apiVersion];
  return {
    protocol: 'netavark',
    text: 'plugin API 1.0.0',
    type,
    binary,
    network: typeof asked['name'] === 'string' ? asked['name'] : NETWORK_NAME,
    chain: [type],
    claimedVersions: versions,
    testedVersions: versions,
  };
}

/** What info says, what is declared, and what a plain container showed. */
function describeClaims({ apiVersion, capabilities, seen }: Driver): string {
  const declared = Object.entries(capabilities).flatMap(([name, value]) => (value === true ? [name] : []));
  const shown = [
    seen.interfaces ? 'an interface' : 'no interface',
    seen.addresses ? 'an address' : 'no address',
    seen.gateway ? 'a gateway' : 'no gateway',
  ];
  return [
    apiVersion === undefined ? 'info claims no version' : `info claims API ${apiVersion}`,
    `declared: ${declared.join(', ') || 'nothing'}`,
    `a plain container has ${shown.join(', ')}`,
  ].join('; ');
}
