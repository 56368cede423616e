import { type Attached, listAttached } from '../../attachment/attached.ts';
import type { Container } from '../model.ts';
import { describeContainers } from './containers.ts';
import type { Details, Listed } from './podman-json.ts';
import type { Runtime } from './runtime.ts';

/** What a container and an image are made of never changes, so each is asked about once. */
interface Known {
  readonly details: Map<string, Details>;
  /** Addresses by container, as they were last seen. */
  readonly addresses: Map<string, readonly string[]>;
}

export interface Collector {
  /** Looks at all containers of the host. Rejects if Podman cannot be asked. */
  look(): Promise<readonly Container[]>;
}

async function learnDetails(runtime: Runtime, listed: readonly Listed[], { details }: Known): Promise<void> {
  const unknown = (ids: readonly string[]) => [...new Set(ids)].filter((id) => id !== '' && !details.has(id));
  const containers = await runtime.containerDetails(unknown(listed.map(({ id }) => id)));
  const images = await runtime.imageDetails(unknown(listed.map(({ imageID }) => imageID)));
  for (const [id, found] of [...containers, ...images]) details.set(id, found);
}

function learnAddresses(attached: readonly Attached[], { addresses }: Known): void {
  for (const [id, own] of Map.groupBy(attached, ({ containerID }) => containerID)) {
    addresses.set(
      id,
      own.flatMap((one) => one.addresses),
    );
  }
}

/** Forgets what is gone, or a daemon of years would know every container there ever was. */
function forget(listed: readonly Listed[], { details, addresses }: Known): void {
  const present = new Set(listed.flatMap(({ id, imageID }) => [id, imageID]));
  for (const known of [details, addresses]) {
    for (const id of known.keys()) if (!present.has(id)) known.delete(id);
  }
}

/**
 * @param held addresses that stopped containers will get back, by container ID: for those that were not seen running.
 */
export function createCollector(
  runtime: () => Runtime,
  held: () => Promise<ReadonlyMap<string, readonly string[]>>,
): Collector {
  const known: Known = { details: new Map(), addresses: new Map() };
  return {
    look: async () => {
      const listed = await runtime().list();
      await learnDetails(runtime(), listed, known);
      const attached = listAttached();
      learnAddresses(attached, known);
      forget(listed, known);
      const isUnseen = listed.some(({ id, isInfra }) => !isInfra && !known.addresses.has(id));
      const kept = new Map([...(isUnseen ? await held() : []), ...known.addresses]);
      return describeContainers({ listed, details: known.details, attached, kept });
    },
  };
}
