import { type Browser, chromium } from 'playwright-core';
import { createApi } from '../../../src/gateway/api/app.ts';
import { type Listener, listenTcp } from '../../../src/gateway/api/listen.ts';
import { contextOf, sourceOf, type Spec, type TestSource } from '../sample.ts';

/** Twelve services of every state, in both languages, with two that are not served. */
export const OFFICE: readonly Spec[] = [
  {
    name: 'forgejo',
    title: 'Forgejo',
    group: 'Development',
    icon: 'code',
    port: 3000,
    description: 'Git repositories, issues and packages',
    hosts: ['forgejo.local', 'git.local'],
    ago: 259_200_000,
  },
  {
    name: 'woodpecker',
    title: 'Woodpecker CI',
    group: 'Development',
    icon: 'terminal',
    port: 8000,
    description: 'Builds and tests every push',
    ago: 18_000_000,
  },
  {
    name: 'registry-ui',
    title: 'Container registry',
    group: 'Development',
    icon: 'box',
    state: 'starting',
    ago: 12_000,
    description: 'Images of the team',
  },
  {
    name: 'nextcloud',
    title: 'Nextcloud',
    group: 'Office',
    icon: 'cloud',
    description: 'Files and calendars',
    ago: 7_200_000,
  },
  {
    name: 'paperless',
    title: 'Paperless',
    group: 'Office',
    icon: 'document',
    port: 8000,
    state: 'stopped',
    exitCode: 1,
    description: 'Scanned documents, searchable',
  },
  {
    name: 'wiki',
    title: '社内ウィキ',
    group: 'Office',
    icon: 'document',
    port: 8080,
    description: '議事録、手順書、オンボーディング資料',
    ago: 3_456_000_000,
  },
  {
    name: 'grafana',
    title: 'Grafana',
    group: 'Operations',
    icon: 'chart',
    port: 3000,
    description: 'Dashboards of all machines',
    ago: 777_600_000,
  },
  {
    name: 'uptime',
    title: 'Uptime Kuma',
    group: 'Operations',
    port: 3001,
    state: 'unhealthy',
    ago: 240_000,
    description: 'Watches what should answer',
  },
  { name: 'jellyfin', title: 'Jellyfin', icon: 'play', port: 8096, ago: 172_800_000 },
  { name: 'vault', title: 'Vaultwarden', icon: 'lock', state: 'paused', ago: 600_000 },
  { name: 'postgres', refusals: [{ why: 'no-web-port', exposed: [5432], tried: [] }] },
  { name: 'legacy-app', networks: ['podman'], refusals: [{ why: 'not-on-flatnet', networks: ['podman'] }] },
];

/** A page behind a real port, for a real browser. */
export interface Served {
  readonly source: TestSource;
  readonly address: string;
  readonly listener: Listener;
}

export async function serve(...look: Parameters<typeof sourceOf>): Promise<Served> {
  const source = sourceOf(...look);
  const listener = await listenTcp(createApi(contextOf(source), 'lan'), { address: '127.0.0.1', port: 0 });
  return { source, listener, address: `http://127.0.0.1:${listener.port}/` };
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}
