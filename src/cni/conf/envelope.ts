import { isNetworkName, NETWORK_NAME_FORM } from '../../attachment/parse-names.ts';
import { FlatnetError } from '../../input/error.ts';
import { type Fields, invalidValue, parseObject } from '../../input/parse.ts';
import { type CniVersion, negotiate } from '../version.ts';

/** The part of a request that is needed to answer in the right version. */
export interface Envelope {
  readonly name: string;
  readonly cniVersion: CniVersion;
  readonly fields: Fields;
  readonly stdin: string;
}

function checkName(name: unknown): string {
  if (typeof name !== 'string' || name === '') {
    throw new FlatnetError('invalid', 'Missing "name" in the network configuration');
  }
  if (!isNetworkName(name)) {
    throw invalidValue('name', name, { expected: NETWORK_NAME_FORM, where: 'the network configuration' });
  }
  return name;
}

/**
 * Checks in the reference skeleton's order: JSON, name, version.
 * @throws FlatnetError for malformed JSON, a wrong value, or an unsupported version.
 */
export function parseEnvelope(stdin: string): Envelope {
  const fields = parseObject(stdin, 'the network configuration on stdin');
  const name = checkName(fields['name']);
  const asked = fields['cniVersion'];
  if (asked !== undefined && typeof asked !== 'string') {
    throw invalidValue('cniVersion', asked, { expected: 'a text', where: 'the network configuration' });
  }
  return { name, cniVersion: negotiate(asked), fields, stdin };
}
