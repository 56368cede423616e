import type { Attached } from '../../attachment/attached.ts';
import { familyOf } from '../../input/address.ts';
import type { Container, Labels } from '../model.ts';
import type { Details, Listed } from './podman-json.ts';

/** Everything that one look at the host found. */
export interface Found {
  readonly listed: readonly Listed[];
  /** Of containers and images, by ID. */
  readonly details: ReadonlyMap<string, Details>;
  /** What is attached now. */
  readonly attached: readonly Attached[];
  /** Addresses that a container without a link had last, and gets back. */
  readonly kept: ReadonlyMap<string, readonly string[]>;
}

/** An image's label is the owner's only if the owner has changed it. */
function ownLabels(labels: Labels, ofImage: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key, value]) => ofImage[key] !== value));
}

function byFamily(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses)].sort((one, other) => familyOf(one) - familyOf(other));
}

function addressesOf(owner: string, { attached, kept }: Found): readonly string[] {
  const now = attached.filter(({ containerID }) => containerID === owner);
  return byFamily(now.length > 0 ? now.flatMap(({ addresses }) => addresses) : (kept.get(owner) ?? []));
}

function describe(one: Listed, found: Found): Container {
  const { details, listed } = found;
  const own = details.get(one.id);
  const image = details.get(one.imageID);
  const imageLabels = image?.labels ?? {};
  // In a pod, the infrastructure container has address and networks.
  const owner = own?.networkOf ?? one.id;
  const networks = listed.find(({ id }) => id === owner)?.networks ?? one.networks;
  const exposed = [...new Set([...(own?.exposed ?? []), ...(image?.exposed ?? [])])];
  return {
    id: one.id,
    name: one.name,
    image: one.image,
    labels: ownLabels(one.labels, imageLabels),
    imageLabels,
    exposed: exposed.sort((left, right) => left - right),
    networks,
    addresses: addressesOf(owner, found),
    phase: one.phase,
    health: one.health,
    createdAt: one.createdAt,
    startedAt: one.startedAt,
    stoppedAt: one.stoppedAt,
    exitCode: one.exitCode,
  };
}

/** All containers but those that only hold a pod together. Pure. */
export function describeContainers(found: Found): readonly Container[] {
  return found.listed.filter(({ isInfra }) => !isInfra).map((one) => describe(one, found));
}
