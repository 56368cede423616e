import { FlatnetError } from '../input/error.ts';
import { quote } from '../input/quote.ts';
import { readTextFile } from '../sys/files/files.ts';
import type { DNS } from './spec.ts';

function valuesOf(text: string, keyword: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([first]) => first === keyword)
    .flatMap(([, ...values]) => values);
}

/**
 * Reads a file in the form of resolv.conf(5): host-local's `ipam.resolvConf`.
 * @throws FlatnetError if it cannot be read.
 */
export function readResolvConf(path: string): DNS {
  const text = readTextFile(path);
  if (text === undefined) {
    throw new FlatnetError('invalid', `Cannot read "ipam.resolvConf" ${quote(path)}`, {
      details: 'it must be a file in the form of /etc/resolv.conf; correct the path or remove the key',
    });
  }
  const domain = valuesOf(text, 'domain').at(-1);
  return {
    nameservers: valuesOf(text, 'nameserver'),
    search: valuesOf(text, 'search'),
    options: valuesOf(text, 'options'),
    ...(domain === undefined ? {} : { domain }),
  };
}
