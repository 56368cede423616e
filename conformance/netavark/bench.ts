import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { startCall, type Reply, type RunningCall } from '../call.ts';
import { ensure } from '../case.ts';
import { describeReply, ensureSuccess } from '../expect.ts';
import type { Snapshot } from '../snapshot.ts';
import { isObject } from '../shape.ts';
import type { World } from '../world.ts';
import { addressesFor } from './addresses.ts';
import type { Driver, Fields } from './driver.ts';
import { askedNetwork, isPodmanChoosing, keptNetwork, NETWORK_NAME, type Network } from './network.ts';
import { randomId } from './network.ts';
import { requestOf, type DriverAttachment } from './request.ts';
import type { Status } from './status.ts';

/** What a case wants of an attachment; the rest is chosen as Podman does. */
export type AttachmentChanges = Partial<DriverAttachment>;

/** Replaces the text on stdin, or makes it from the request that would be sent. */
export type Stdin = string | ((request: ReturnType<typeof requestOf>) => Fields);

export interface SetUp {
  readonly attachment: DriverAttachment;
  readonly status: Status;
  readonly reply: Reply;
}

export type Command = 'setup' | 'teardown';

/** The tools of a case: a private world, and a driver to call in it as Podman and netavark would. */
export interface DriverBench {
  readonly subject: Driver;
  readonly host: World;
  /** Every call so far, oldest first: the evidence of a failure. */
  readonly calls: readonly Reply[];
  /** `create` with changed keys; the answer of one that succeeds is kept as Podman keeps it. */
  tryCreate(changes?: Fields): Promise<Reply>;
  /** Fails the case unless `create` succeeds. */
  create(changes?: Fields): Promise<Network>;
  /** A new container in a network, by default the one that the configuration describes. */
  attachment(changes?: AttachmentChanges): Promise<DriverAttachment>;
  trySetup(attachment: DriverAttachment, stdin?: Stdin): Promise<Reply>;
  /** Fails the case unless `setup` succeeds. */
  setup(attachment: DriverAttachment, stdin?: Stdin): Promise<SetUp>;
  tryTeardown(attachment: DriverAttachment, stdin?: Stdin): Promise<Reply>;
  teardown(attachment: DriverAttachment, stdin?: Stdin): Promise<Reply>;
  /** Any arguments and any text on stdin. */
  call(args: readonly string[], stdin: string): Promise<Reply>;
  /** Starts a call that is to be killed. */
  start(command: Command, attachment: DriverAttachment): RunningCall;
  /** setup and teardown of another container, so that the returned snapshot has what stays for the whole network. */
  warmUp(changes?: AttachmentChanges): Promise<Snapshot>;
}

/** The release of netavark that the suite plays: the oldest one that a supported Debian has. */
const NETAVARK_RELEASE = 'netavark 1.14.0';
const HELPERS = '/run/conformance/helpers';
const NETWORKS = '/etc/containers/networks';

/** Gives the host what a driver may look at: Podman's configuration, and a netavark that tells its release. */
async function furnish(host: World): Promise<void> {
  await mkdir(host.file(HELPERS), { recursive: true });
  await mkdir(host.file(NETWORKS), { recursive: true });
  await writeFile(host.file(`${HELPERS}/netavark`), `#!/bin/sh\necho ${NETAVARK_RELEASE}\n`);
  await chmod(host.file(`${HELPERS}/netavark`), 0o755);
  const conf = `[engine]\nhelper_binaries_dir = ["${HELPERS}"]\n`;
  await writeFile(host.file('/etc/containers/containers.conf'), conf);
}

/** The caller disposes of the world. */
export async function makeDriverBench(subject: Driver, host: World): Promise<DriverBench> {
  await furnish(host);
  const calls: Reply[] = [];
  const launch = (args: readonly string[], stdin: string): RunningCall => {
    // netavark's plugins have the environment of Podman and run in "/".
    const env = { RUST_LOG: 'netavark=warn', TMPDIR: '/var/tmp' };
    const running = startCall(host, { binary: subject.binary, args, env, stdin });
    const reply = running.reply.then((finished) => {
      calls.push(finished);
      return finished;
    });
    return { ...running, reply };
  };
  const call: DriverBench['call'] = (args, stdin) => launch(args, stdin).reply;
  const send =
    (command: Command) =>
    (attachment: DriverAttachment, stdin: Stdin = (request) => request): Promise<Reply> =>
      call([command, attachment.netns], textOf(attachment, stdin));
  const networks = makeNetworks(subject, host, call);
  const attachment = makeAttachment(host, networks.default);
  const [trySetup, tryTeardown] = [send('setup'), send('teardown')];
  const bench = {
    ...{ subject, host, calls, call, attachment, trySetup, tryTeardown },
    tryCreate: networks.tryCreate,
    create: networks.create,
    setup: async (to: DriverAttachment, stdin?: Stdin): Promise<SetUp> => {
      const reply = ensureSuccess(await trySetup(to, stdin));
      ensure(isObject(reply.document), `setup printed no status block: ${describeReply(reply)}`);
      return { attachment: to, reply, status: reply.document };
    },
    teardown: async (from: DriverAttachment, stdin?: Stdin) => ensureSuccess(await tryTeardown(from, stdin)),
    start: (command: Command, at: DriverAttachment) =>
      launch(
        [command, at.netns],
        textOf(at, (request) => request),
      ),
  };
  return { ...bench, warmUp: (changes) => warmUp(bench, changes) };
}

function textOf(attachment: DriverAttachment, stdin: Stdin): string {
  return typeof stdin === 'string' ? stdin : JSON.stringify(stdin(requestOf(attachment)));
}

type Networks = Pick<DriverBench, 'create' | 'tryCreate'> & { readonly default: () => Promise<Network> };

/** Podman's networks: made by the driver, kept in a file each. */
function makeNetworks(subject: Driver, host: World, call: DriverBench['call']): Networks {
  let known: Promise<Network> | undefined;
  const tryCreate: DriverBench['tryCreate'] = async (changes = {}) => {
    // Podman ends the object with a line feed.
    const reply = await call(['create'], `${JSON.stringify(askedNetwork(subject, changes))}\n`);
    if (reply.exitCode !== 0 || !isObject(reply.document)) return reply;
    const network = keptNetwork(reply.document);
    await writeFile(host.file(`${NETWORKS}/${network.name}.json`), `${JSON.stringify(network, null, 5)}\n`);
    if (network.name === NETWORK_NAME) known ??= Promise.resolve(network);
    return reply;
  };
  const create: DriverBench['create'] = async (changes) => {
    const reply = ensureSuccess(await tryCreate(changes));
    ensure(isObject(reply.document), `create printed no network: ${describeReply(reply)}`);
    return keptNetwork(reply.document);
  };
  return { tryCreate, create, default: () => (known ??= create()) };
}

function makeAttachment(host: World, network: () => Promise<Network>): DriverBench['attachment'] {
  let count = 0;
  return async (changes = {}) => {
    const index = (count += 1);
    const sandbox = changes.sandbox ?? (await host.addSandbox());
    const on = changes.network ?? (await network());
    return {
      sandbox,
      netns: sandbox.path,
      network: on,
      containerID: randomId(),
      containerName: `container-${sandbox.name}`,
      ifname: 'eth0',
      ips: isPodmanChoosing(on) ? addressesFor(on, index) : null,
      mac: null,
      ports: null,
      ...changes,
    };
  };
}

async function warmUp(
  { attachment, setup, teardown, host }: Pick<DriverBench, 'attachment' | 'setup' | 'teardown' | 'host'>,
  changes?: AttachmentChanges,
): Promise<Snapshot> {
  const first = await attachment(changes);
  await setup(first);
  await teardown(first);
  await first.sandbox.remove();
  return host.snapshot();
}
