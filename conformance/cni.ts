import { makeBench } from './bench.ts';
import { FAMILIES } from './cases/index.ts';
import { UsageError } from './options.ts';
import type { PluginFacts, Protocol } from './protocol.ts';
import { runCases, selectCases } from './runner.ts';
import { loadSubject, pluginUnderTest, type Subject } from './subject.ts';
import { tryOut } from './tryout.ts';

/** The Container Network Interface. */
export const cni: Protocol = {
  families: FAMILIES,
  select: (only) => selectCases(FAMILIES, only),
  async open({ plugin, config, cniPath, ipamPath }) {
    if (config === undefined) throw new UsageError('Cannot run without --config FILE');
    const subject = await loadSubject({ plugin, config, cniPath, ipamPath });
    await tryOut(subject);
    const { claimed, privacy } = subject;
    return {
      plugin: describePlugin(subject),
      claims: claimed.length === 0 ? 'claims no version' : `claims ${claimed.join(', ')}`,
      shared: privacy.shared,
      run: (only, options) =>
        runCases({ ...options, subject, makeBench, cases: selectCases(FAMILIES, only) }),
    };
  },
};

export function describePlugin(subject: Subject): PluginFacts {
  const { binary, name, plugins, claimed, usable } = subject;
  return {
    protocol: 'CNI',
    text: 'specification 1.1.0',
    type: pluginUnderTest(subject).type,
    binary,
    network: name,
    chain: plugins.map(({ type }) => type),
    claimedVersions: claimed,
    testedVersions: usable,
  };
}
