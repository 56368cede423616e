import { type Fields, isFields } from '../../input/parse.ts';
import { checkKeys, type InferKeys, type KeySchemas } from '../../input/schema.ts';
import { BANDWIDTH, IPAM, NET_CONF, RUNTIME_CONFIG } from '../schema.ts';

type RuntimeConfig = Omit<InferKeys<typeof RUNTIME_CONFIG>, 'bandwidth'> & {
  readonly bandwidth?: InferKeys<typeof BANDWIDTH> | undefined;
};

/** A configuration in which every key that flatnet reads has the right type. */
export type Shape = Omit<InferKeys<typeof NET_CONF>, 'ipam' | 'runtimeConfig'> & {
  readonly ipam?: InferKeys<typeof IPAM> | undefined;
  readonly runtimeConfig?: RuntimeConfig | undefined;
};

/** @throws FlatnetError naming the first wrong key, its value and the expected form. */
export function checkConf(fields: Fields, where: string): Shape {
  const section = <T extends KeySchemas>(schemas: T, value: unknown, at: readonly string[]) =>
    isFields(value) ? checkKeys(schemas, value, { where, at }) : undefined;
  const conf = checkKeys(NET_CONF, fields, { where });
  const runtimeConfig = section(RUNTIME_CONFIG, conf.runtimeConfig, ['runtimeConfig']);
  const bandwidth = section(BANDWIDTH, runtimeConfig?.bandwidth, ['runtimeConfig', 'bandwidth']);
  return {
    ...conf,
    ipam: section(IPAM, conf.ipam, ['ipam']),
    runtimeConfig: runtimeConfig === undefined ? undefined : { ...runtimeConfig, bandwidth },
  };
}
