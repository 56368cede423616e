import { describeReply } from '../expect.ts';
import { exposeSubject } from '../runner.ts';
import { createWorld } from '../world.ts';
import { makeDriverBench } from './bench.ts';
import type { Driver } from './driver.ts';
import { addressesOf, type Status } from './status.ts';

/** What a driver did when one container was set up in a plain network. */
export interface Seen {
  /** Why a plain create or setup fails, so that every case would. */
  readonly problem: string | undefined;
  /** `create` chose subnets although none was asked for. */
  readonly choosesSubnets: boolean;
  readonly interfaces: boolean;
  readonly addresses: boolean;
  readonly gateway: boolean;
}

const NOTHING: Omit<Seen, 'problem'> = {
  choosesSubnets: false,
  interfaces: false,
  addresses: false,
  gateway: false,
};

/** Makes a network and sets one container up in a throw-away host. */
export async function probe(driver: Omit<Driver, 'seen'>): Promise<Seen> {
  await using host = await createWorld(driver.privacy);
  await exposeSubject(host, driver);
  const bench = await makeDriverBench({ ...driver, seen: { ...NOTHING, problem: undefined } }, host);
  const created = await bench.tryCreate();
  if (created.exitCode !== 0) return { ...NOTHING, problem: describeReply(created) };
  const attachment = await bench.attachment();
  const reply = await bench.trySetup(attachment);
  if (reply.exitCode !== 0) return { ...NOTHING, problem: describeReply(reply) };
  const status = (reply.document ?? {}) as Status;
  const addresses = addressesOf(status);
  return {
    problem: undefined,
    choosesSubnets: driver.asked['subnets'] === undefined && attachment.network.subnets !== undefined,
    interfaces: Object.keys(status.interfaces ?? {}).length > 0,
    addresses: addresses.length > 0,
    gateway: addresses.some(({ gateway }) => typeof gateway === 'string'),
  };
}
