import { networkInterfaces } from 'node:os';
import { parseSettings } from '../../gateway/parse-settings.ts';
import { readText } from '../../sys/files/text-file.ts';
import { defaultRouteLink } from '../../sys/proc.ts';
import { hostPort } from '../../input/host-port.ts';
import type { Layout } from '../layout.ts';

/** This host's address on the LAN, by which a colleague's browser reaches the page. */
function lanAddress(): string {
  const link = defaultRouteLink();
  const own = networkInterfaces()[link ?? ''] ?? [];
  return own.find(({ family }) => family === 'IPv4')?.address ?? 'localhost';
}

/** Sentences that say where the page is, and how containers are called. */
export function whereToLook({ daemonSettings }: Layout): string {
  const { gateway, api } = parseSettings(readText(daemonSettings) ?? '', daemonSettings);
  const [door] = api.listen;
  const address = door === undefined || door.address === '*' ? lanAddress() : door.address;
  const port = gateway.listen[0]?.port ?? 80;
  const page = `http://${hostPort(address, door?.port ?? 8080)}/`;
  const suffix = port === 80 ? '' : `:${port}`;
  return `\nThe page:   ${page}\nContainers: http://NAME.local${suffix}/  (sudo flatnet gateway routes lists them)\n`;
}
