import { expect } from 'vitest';
import { type DriverCall, requestOf } from '../fixtures/driver.ts';
import type { Answer, CallOptions, Conf } from './machine.ts';

/*
 * What the two protocols differ in, for tests that go through the same steps with both. Verbs are CNI's; as a driver of
 * netavark, flatnet knows two of them by other names.
 */

/** A network of netavark, its ports and addresses, as `machine.call` takes them. */
export interface DriverConf extends DriverCall, Conf {
  readonly driver: 'flatnet';
}

/** What starts one call: words after the executable, environment, stdin. */
export interface Invocation {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
}

const WORDS: Readonly<Record<string, string>> = { ADD: 'setup', DEL: 'teardown' };

/** Whether a call with this is one of netavark's. */
export function isDriver(conf: Conf | undefined): conf is DriverConf {
  return conf?.['driver'] === 'flatnet';
}

/** A call as netavark makes it; without a namespace, its path leads nowhere. */
export function driverInvocation(
  verb: string,
  { conf, netns, env }: { conf: DriverConf; netns: string; env: Readonly<Record<string, string>> },
  options: CallOptions & { readonly containerID: string },
): Invocation {
  const path = options.netns === null ? '/run/netns/absent' : (options.netns ?? netns);
  const { containerID, ifname = 'eth0' } = options;
  return {
    words: [WORDS[verb] ?? verb, path],
    env,
    input: options.input ?? JSON.stringify(requestOf({ ...conf, containerID, ifname })),
  };
}

/** Fails unless the answer is netavark's form of an error: one line, one key, nothing on stderr. */
export function expectDriverError({ stdout, stderr, document }: Answer, told: string): void {
  expect(stderr, told).toBe('');
  expect(stdout, told).toMatch(/^\{"error":".+"\}\n$/);
  expect(Object.keys(document ?? {}), told).toEqual(['error']);
}
