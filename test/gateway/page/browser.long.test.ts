import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../../src/gateway/api/app.ts';
import { listenTcp } from '../../../src/gateway/api/listen.ts';
import { contextOf, modelOf, NOW, sourceOf, STATUS } from '../sample.ts';
import { launch, OFFICE, type Served, serve } from './browser.ts';
import { crowd } from './crowd.ts';

/* Inside the browser. */
declare const document: any;
declare const innerWidth: number;
declare const scrollY: number;

let browser: Browser;
const served: Served[] = [];
const pages: Page[] = [];

beforeAll(async () => {
  browser = await launch();
});
afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
  for (const { listener } of served.splice(0)) await listener.close();
});
afterAll(async () => {
  await browser.close();
});

interface Viewed {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly locale?: string;
  readonly javaScriptEnabled?: boolean;
}

async function open(address: string, { width = 1440, ...options }: Viewed = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, locale: 'en', ...options });
  pages.push(page);
  await page.goto(address);
  if (options.javaScriptEnabled !== false) await page.locator('#connection:not(:empty)').waitFor();
  return page;
}

async function at(specs = OFFICE, status = STATUS): Promise<Served> {
  const one = await serve(modelOf(specs), status);
  served.push(one);
  return one;
}

/** Rules of WCAG 2.2 AA and good practice that a page breaks, with what breaks them. */
async function violations(page: Page): Promise<readonly string[]> {
  // By DevTools and not by a <script>, which the page's own policy refuses.
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(() => (globalThis as any).axe.run());
  return found.map(({ id, nodes }: any) => `${id}: ${nodes.map(({ html }: any) => html).join(' ')}`);
}

/** Every language, scheme and width, and not all of their combinations: each takes seconds. */
const VARIANTS = [
  ['en', 'light', 390],
  ['ja', 'dark', 390],
  ['en', 'dark', 1440],
  ['ja', 'light', 768],
] as const;

const TROUBLED = {
  ...STATUS,
  runtime: { ...STATUS.runtime, reconciledAt: NOW - 400_000 },
  troubles: [
    { code: 'nginx-dead', message: 'nginx has ended', remedy: 'flatnet gateway reload', since: NOW },
  ],
};

describe('the page in a browser', () => {
  it.each([
    ['nothing', [], STATUS],
    ['an office', OFFICE, STATUS],
    ['an office in trouble', OFFICE, TROUBLED],
  ] as const)('has no barrier: %s', async (_name, specs, status) => {
    const { address } = await at(specs, status);
    const found: string[] = [];
    for (const [locale, colorScheme, width] of VARIANTS) {
      const page = await open(address, { locale, colorScheme, width });
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      found.push(...(await violations(page)).map((one) => `${locale} ${colorScheme} ${width} ${one}`));
      const wider: number = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wider > 0) found.push(`${locale} ${width}: ${wider} pixels too wide`);
      await page.close();
    }
    expect(found).toEqual([]);
  });

  it.each([
    ['forgejo', 'forgejo.local', '504'],
    ['registry-ui', 'registry-ui.local', '502'],
    ['', 'forgeo.local', ''],
    ['', 'postgres.local', ''],
  ])('has no barrier on the error page of %s%s', async (route, host, status) => {
    const found: string[] = [];
    const api = createApi(contextOf(sourceOf(modelOf(OFFICE))), 'proxy');
    for (const language of ['en', 'ja']) {
      const headers = {
        host,
        accept: 'text/html',
        'accept-language': language,
        'x-real-ip': '192.168.10.9',
        'x-flatnet-route': route,
        'x-flatnet-status': status,
      };
      const path = route === '' ? '/' : '/error-page';
      const text = await (await api.fetch(new Request(`http://${host}${path}`, { headers }))).text();
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ colorScheme });
        pages.push(page);
        await page.setContent(text.replace(/<meta http-equiv="refresh"[^>]*>/, ''));
        found.push(...(await violations(page)));
      }
    }
    expect(found).toEqual([]);
  });

  it('asks its own address only, and its policy has nothing to refuse', async () => {
    const { address } = await at();
    const page = await browser.newPage();
    pages.push(page);
    const asked = new Set<string>();
    const complaints: string[] = [];
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
    await page.locator('#connection:not(:empty)').waitFor();
    expect([...asked]).toEqual([new URL(address).origin]);
    expect(complaints).toEqual([]);
  });

  it('shows a change without losing focus, search, place and open details', async () => {
    const { address, source } = await at(crowd(40));
    const page = await open(address, { width: 390 });
    await page.locator('#q').fill('service');
    const card = page.locator('.card', { hasText: 'Service 31' }).first();
    await card.locator('summary').click();
    const place = await page.evaluate(() => scrollY);
    expect(place).toBeGreaterThan(100);
    const changed = crowd(40).map((spec) =>
      spec.title === 'Service 31' ? { ...spec, state: 'unhealthy' as const } : spec,
    );
    source.publish({ model: modelOf([...changed, { name: 'newcomer', title: 'Newcomer service' }]) });
    await page.locator('.card', { hasText: 'Newcomer' }).waitFor({ state: 'attached' });
    expect(await card.locator('.state').textContent()).toContain('unhealthy');
    expect(await card.locator('details').evaluate((details: any) => details.open)).toBe(true);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SUMMARY');
    expect(await page.locator('#q').inputValue()).toBe('service');
    expect(await page.evaluate(() => scrollY)).toBe(place);
  });

  it('drops what is gone, and comes to the first page and back', async () => {
    const { address, source } = await at();
    const page = await open(address);
    source.publish({ model: modelOf([]) });
    await page.locator('#first').waitFor();
    expect(await page.locator('.card').count()).toBe(0);
    source.publish({ model: modelOf(OFFICE) });
    await page.locator('.card').first().waitFor();
    expect(await page.locator('#first').count()).toBe(0);
    expect(await page.locator('.card').count()).toBe(10);
  });

  it('turns grey when flatnetd is gone, and recovers', async () => {
    const { address, listener, source } = await at();
    const page = await open(address);
    await listener.close();
    await page.locator('.is-lost', { hasText: 'No connection' }).waitFor();
    expect(await page.locator('#live.is-old').count()).toBe(1);
    const { port } = listener;
    const again = await listenTcp(createApi(contextOf(source), 'lan'), { address: '127.0.0.1', port });
    served.push({ source, address, listener: again });
    await page.locator('#connection:not(.is-lost)').waitFor();
    expect(await page.locator('#live.is-old').count()).toBe(0);
  });

  it('is used by the keys alone', async () => {
    const { address } = await at();
    const page = await open(address);
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    const press = (key: string) => page.keyboard.press(key);
    await press('/');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('q');
    await page.keyboard.type('calendar');
    expect(await page.locator('.card:visible').count()).toBe(1);
    expect(await page.locator('.group:visible').count()).toBe(1);
    await press('Escape');
    expect(await page.locator('.card:visible').count()).toBe(10);
    await press('ArrowDown');
    expect(await focused()).toBe('Container registry');
    await press('ArrowRight');
    expect(await focused()).toBe('Forgejo');
    await press('ArrowDown');
    expect(await focused()).toBe('Paperless');
    await press('ArrowLeft');
    expect(await focused()).toBe('Nextcloud');
    await press('ArrowUp');
    await press('ArrowUp');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('q');
    await page.keyboard.type('grafana');
    const [request] = await Promise.all([page.waitForRequest('http://grafana.local/'), press('Enter')]);
    expect(request.method()).toBe('GET');
  });

  it('says that nothing matches, in words that are no HTML', async () => {
    const { address } = await at();
    const page = await open(address);
    await page.locator('#q').fill('<b>none</b>');
    expect(await page.locator('#no-match-live').textContent()).toContain('“<b>none</b>”');
    expect(await page.locator('#no-match-live b').count()).toBe(0);
  });

  it('works without script', async () => {
    const { address } = await at();
    const page = await open(address, { javaScriptEnabled: false });
    expect(await page.locator('.card a.go').count()).toBe(10);
    await page.locator('summary').first().click();
    await page.locator('#q').fill('git');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/?q=git&lang=en');
    expect(await page.locator('.card').count()).toBe(1);
    await page.locator('.languages a', { hasText: '日本語' }).click();
    await page.locator('html[lang=ja]').waitFor();
    expect(await page.locator('.card').count()).toBe(1);
  });

  it('loaded with a search, has everything again when that is cleared', async () => {
    const { address } = await at();
    const page = await open(`${address}?q=git`);
    await page.locator('.card', { hasText: 'Grafana' }).waitFor({ state: 'attached' });
    expect(await page.locator('.card:visible').count()).toBe(1);
    await page.locator('#q').press('Escape');
    expect(await page.locator('.card:visible').count()).toBe(10);
  });
});
