import fc from 'fast-check';
import { anything, conf, jsonOf, roughly, text } from './inputs.ts';

const entry = fc
  .tuple(conf, roughly(fc.constantFrom('flatnet', 'flatnet', 'flatnet', 'bridge', 'portmap')))
  .map(([value, type]) => ({ ...value, type }));

const capabilities = fc.dictionary(fc.constantFrom('ips', 'mac', 'portMappings'), roughly(fc.boolean()));

const list = fc
  .record(
    {
      cniVersion: roughly(fc.constantFrom('0.4.0', '1.0.0', '1.1.0')),
      cniVersions: roughly(fc.array(fc.constantFrom('0.4.0', '1.0.0', '1.1.0'), { maxLength: 3 })),
      name: roughly(fc.constantFrom('flatnet', 'other', 'third')),
      disableCheck: roughly(fc.boolean()),
      plugins: roughly(
        fc.array(
          roughly(fc.tuple(entry, capabilities).map(([value, able]) => ({ ...value, capabilities: able }))),
          { minLength: 1, maxLength: 3 },
        ),
      ),
    },
    { requiredKeys: ['name', 'plugins'] },
  )
  .map((value): object => value);

/** The text of a network list: a good one, one with wrong values, a damaged one, anything. Files hold no half characters. */
export const conflist: fc.Arbitrary<string> = jsonOf(
  fc.oneof({ weight: 20, arbitrary: list }, anyObject()),
).map((json) => json.toWellFormed());

function anyObject(): fc.Arbitrary<object> {
  return fc.dictionary(text, anything).map((value): object => value);
}

/** What a person may have called the file; runtimes read those that end in .conflist. */
export const fileName: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom('10-flatnet', 'flatnet', '-rf', '\u001b[2J', 'a b', '%s', 'ünïcödé'),
    fc.stringMatching(/^\w{1,20}$/),
  )
  .map((name) => `${name}.conflist`);
