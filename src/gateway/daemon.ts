import { hostname } from 'node:os';
import { DEFAULT_DATA_DIR } from '../ipam/store.ts';
import { readTextFile } from '../sys/files/files.ts';
import { ensureDirectory } from '../sys/files/tree.ts';
import type { SocketAccess } from '../sys/files/socket-file.ts';
import { type Api, createApi } from './api/app.ts';
import type { ApiContext } from './api/context.ts';
import { listenTcp, listenUnix, type Listener } from './api/listen.ts';
import { chooseRuntime } from './collect/choose-runtime.ts';
import { createCollector } from './collect/collector.ts';
import { heldAddresses } from './collect/held.ts';
import { watchHints } from './collect/hints.ts';
import { createProber } from './collect/prober.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { createApplier } from './nginx/applier.ts';
import { groupOf, webUser } from './nginx/detect.ts';
import { FLATNET_LUA } from './nginx/lua-text.ts';
import { hostAddresses, ownHosts } from './own-hosts.ts';
import { PLACES, type Settings } from './settings.ts';

/** What the process gives the daemon. */
export interface DaemonDeps {
  readonly settings: Settings;
  readonly version: string;
  /** Podman's settings are in it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line for whoever reads the journal. */
  readonly log: (line: string) => void;
}

export interface Daemon {
  /** Ends it; nginx goes on. */
  close(): Promise<void>;
}

function createGateway({ settings, log }: DaemonDeps, runtime: ReturnType<typeof chooseRuntime>): Gateway {
  return startGateway({
    settings,
    runtime,
    collector: createCollector(runtime, heldAddresses),
    prober: (onChange) => createProber({ now: Date.now, onChange }),
    traffic: (onChange) => createApplier({ settings, lua: FLATNET_LUA, onChange, log }),
    hostAddresses,
    now: Date.now,
  });
}

function contextFor({ settings, version, log }: DaemonDeps, gateway: Gateway): ApiContext {
  return {
    source: gateway,
    settings,
    version,
    hostID: '1',
    hostName: hostname(),
    ownHosts,
    token: () => readTextFile(settings.api.tokenFile)?.trim(),
    now: Date.now,
    onUnreachable: (routeID) => {
      gateway.doubt(routeID);
    },
    onFault: (error) => {
      log(
        `Cannot answer a request: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    },
  };
}

/** Who connects there is believed about who asks: nginx's workers, and nobody else. */
function proxyAccess(): SocketAccess {
  const passwd = readTextFile('/etc/passwd') ?? '';
  return { mode: 0o660, group: groupOf(passwd, webUser(passwd)) };
}

/** Another program may have a port: the rest of the gateway works without it, and says so. */
async function openLan(
  api: Api,
  { settings, log }: DaemonDeps,
  gateway: Gateway,
): Promise<readonly Listener[]> {
  const listeners: Listener[] = [];
  for (const listen of settings.api.listen) {
    try {
      listeners.push(await listenTcp(api, listen));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log(message);
      const remedy = `sudo ss -ltnp sport = :${listen.port} names the program; [api] listen in ${PLACES.settings} says where`;
      const code = 'api-port-taken';
      gateway.troubles.set(`${code} ${listen.address} ${listen.port}`, { code, message, remedy });
    }
  }
  return listeners;
}

/**
 * Starts collector, nginx, API and page.
 * @throws FlatnetError `busy` if another flatnetd serves the sockets.
 */
export async function startDaemon(deps: DaemonDeps): Promise<Daemon> {
  const { settings, env, log } = deps;
  ensureDirectory(`${PLACES.run}/nginx`);
  const runtime = chooseRuntime({ socket: settings.podman.socket, now: Date.now }, env);
  const gateway = createGateway(deps, runtime);
  const context = contextFor(deps, gateway);
  const [own, proxy, lan] = [
    createApi(context, 'own'),
    createApi(context, 'proxy'),
    createApi(context, 'lan'),
  ];
  const ended = new AbortController();
  const listeners = [
    await listenUnix(own, PLACES.ownSocket, { mode: 0o600 }),
    await listenUnix(proxy, PLACES.proxySocket, proxyAccess()),
    ...(await openLan(lan, deps, gateway)),
  ];
  const onHint = (kind: 'event' | 'allocation') => {
    gateway.hint(kind);
  };
  const onTrouble = (message: string) => {
    log(`Events of Podman ended, the next look is in half a minute at most: ${message}`);
  };
  watchHints({ runtime, directory: DEFAULT_DATA_DIR, onHint, onTrouble }, ended.signal);
  return {
    close: async () => {
      ended.abort();
      await Promise.all(listeners.map((one) => one.close()));
      await gateway.close();
    },
  };
}
