import { LINK, linkHeader, TYPE } from './link-requests.ts';
import { attribute, nest, text, u32 } from './message.ts';
import { FLAG as REQUEST, type NetlinkRequest } from './netlink.ts';

/** Settings of a link, spelled as the reference tuning plugin spells them. Absent ones stay as they are. */
export interface LinkSettings {
  /** Receives every frame, also those for other MACs. */
  readonly promisc?: boolean | undefined;
  /** Receives every multicast frame. */
  readonly allmulti?: boolean | undefined;
  /** Packets that may wait to be sent. */
  readonly txQLen?: number | undefined;
}

/** Flags of `struct ifinfomsg` (netdevice(7)). */
const FLAG = { promisc: 0x100, allmulti: 0x200 } as const;

function switched(word: string, value: boolean | undefined): string {
  return value === undefined ? '' : ` ${word} ${value ? 'on' : 'off'}`;
}

/** Changes a link's settings, whether it is up or down. */
export function setSettings(name: string, { promisc, allmulti, txQLen }: LinkSettings): NetlinkRequest {
  const bit = (value: boolean | undefined, flag: number) => (value === true ? flag : 0);
  const mask = (value: boolean | undefined, flag: number) => (value === undefined ? 0 : flag);
  const queue = txQLen === undefined ? '' : ` txqueuelen ${txQLen}`;
  return {
    line: `link set dev ${name}${switched('promisc', promisc)}${switched('allmulticast', allmulti)}${queue}`,
    type: TYPE.newLink,
    flags: 0,
    body: Buffer.concat([
      linkHeader({
        flags: bit(promisc, FLAG.promisc) | bit(allmulti, FLAG.allmulti),
        change: mask(promisc, FLAG.promisc) | mask(allmulti, FLAG.allmulti),
      }),
      ...attribute(LINK.ifname, text(name)),
      ...attribute(LINK.txQueueLength, txQLen === undefined ? undefined : u32(txQLen)),
    ]),
  };
}

/** `RTM_NEWLINKPROP`, and `IFLA_PROP_LIST` with its `IFLA_ALT_IFNAME`: Linux 5.5. */
const NEW_PROPERTY = 108;
const PROPERTIES = 52;
const ALTERNATIVE_NAME = 53;

/** Gives a link a further name; the kernel refuses one that any link has, as EEXIST. */
export function addName(name: string, further: string): NetlinkRequest {
  return {
    line: `link property add dev ${name} altname ${further}`,
    type: NEW_PROPERTY,
    flags: REQUEST.create | REQUEST.excl | REQUEST.append,
    body: Buffer.concat([
      linkHeader({}),
      ...attribute(LINK.ifname, text(name)),
      ...nest(PROPERTIES, attribute(ALTERNATIVE_NAME, text(further))),
    ]),
  };
}
