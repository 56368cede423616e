import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { type Container, createLab, type Lab } from '../cli/lab.ts';
import { ensureBuilt } from '../executable.ts';
import { askOwn, DAEMON, eventually } from './lab.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const CONTAINERS = 100;
/** Longer than a turn of reconciling, so that one is among them. */
const IDLE_MS = 32_000;
/** A clock tick of /proc/PID/stat, in milliseconds. */
const TICK_MS = 10;

beforeAll(() => ensureBuilt(DAEMON));

/** A stand-in for Podman with these containers, all of them running. */
function podman(containers: readonly Container[]): string {
  const listed = containers.map(({ id, name }, index) => ({
    Id: id,
    Names: [name],
    State: 'running',
    Networks: ['flatnet'],
    Labels: { 'flatnet.port': '80' },
    Created: 1_700_000_000 + index,
    StartedAt: 1_700_000_000,
  }));
  return `#!/bin/sh
case $1 in
ps) echo '${JSON.stringify(listed)}' ;;
events) exec sleep 600 ;;
*) echo '[]' ;;
esac
`;
}

async function furnish(lab: Lab): Promise<void> {
  await lab.flatnet('install');
  const containers: Container[] = [];
  for (let count = 0; count < CONTAINERS; count += 1) {
    const container = await lab.attach(`web${count}`);
    container.sandbox.start(['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'], { timeoutMs: 300_000 });
    containers.push(container);
  }
  await lab.write('/usr/local/bin/podman', podman(containers), 0o755);
}

/** Processor time of a process, without its children, in milliseconds. */
function processorTime(pid: number): number {
  const [user = '0', system = '0'] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15);
  return (Number(user) + Number(system)) * TICK_MS;
}

function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_000;
}

it(
  'flatnetd costs next to nothing while nothing happens to a hundred containers',
  { timeout: 240_000 },
  async () => {
    await using lab = await createLab();
    await furnish(lab);
    const daemon = lab.host.start([DAEMON], { env: { PATH }, timeoutMs: 300_000 });
    const ready = (routes: readonly { state: string }[]) =>
      routes.filter(({ state }) => state === 'ready').length;
    await eventually(
      () => askOwn(lab.host, '/api/routes'),
      (routes) => ready(routes) === CONTAINERS,
      60_000,
    );
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const before = processorTime(daemon.pid);
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const spent = processorTime(daemon.pid) - before;
    const memory = residentMegabytes(daemon.pid);
    console.log(`flatnetd: ${((spent / IDLE_MS) * 100).toFixed(2)} % of a core, ${memory.toFixed(0)} MB`);
    expect(spent / IDLE_MS).toBeLessThan(0.01);
    expect(memory).toBeLessThan(120);
    daemon.kill('SIGTERM');
    await daemon.result;
  },
);
