import { timed } from '../attachment/context.ts';
import { step } from '../attachment/explain.ts';
import { requireServer } from '../attachment/names-server.ts';
import { refuseSysctls } from '../attachment/refusals.ts';
import { isFields } from '../input/parse.ts';
import { checkShape } from '../input/schema.ts';
import { readContainersConf } from '../sys/containers-conf.ts';
import type { Host } from '../sys/process/host.ts';
import type { Call } from './call.ts';
import { completeNetwork } from './network/complete.ts';
import { parseNetwork } from './network/network.ts';
import { lookForTaken } from './network/taken.ts';
import { refuseOldNetavark } from './release.ts';
import { NETWORK } from './schema.ts';
import { type Command, serve } from './serve.ts';

async function create({ fields, stdin, ctx, deliver }: Call): Promise<void> {
  const asked = checkShape(NETWORK, fields, 'the network');
  const conf = readContainersConf();
  await refuseOldNetavark(conf, ctx);
  const taken = await timed(ctx, 'look', () =>
    step({ kind: 'internal', doing: `look for what network "${asked.name}" must leave alone` }, () =>
      lookForTaken(asked.name, conf, ctx),
    ),
  );
  const completion = completeNetwork(asked, taken);
  const { network, sysctls } = parseNetwork({ ...asked, ...completion });
  refuseSysctls(Object.keys(sysctls).map((key) => key.replaceAll('/', '.').replaceAll('IFNAME', 'eth0')));
  await requireServer(network, ctx);
  // Labels and what newer releases add are not flatnet's: they go back as they came.
  const sent: unknown = JSON.parse(stdin);
  deliver(JSON.stringify({ ...(isFields(sent) ? sent : {}), ...completion }));
}

/**
 * `create`: answers with the network as Podman is to keep it. The only moment at which a user looks, so everything that
 * would fail later is refused here; nothing is made yet.
 */
const CREATE: Command = {
  word: 'create',
  isInterruptible: true,
  what: 'the network on stdin, which "podman network create -d flatnet NAME" writes',
  run: create,
};

/** Serves `create`; returns the exit code. */
export function serveCreate(host: Host, netns: string): Promise<number> {
  return serve(host, CREATE, netns);
}
