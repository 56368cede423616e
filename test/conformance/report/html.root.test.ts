import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderPage } from '../../../conformance/report/html.ts';
import { openPage, type BrowserPage } from './browser.ts';
import { report } from './sample.ts';

let directory: string;
let page: BrowserPage;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'report-'));
  await writeFile(join(directory, 'report.html'), renderPage(report));
  page = await openPage(join(directory, 'report.html'));
});

afterAll(async () => {
  await page[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const visibleIds = (): Promise<unknown> =>
  page.evaluate(
    `[...document.querySelectorAll('.case')].filter((entry) => entry.checkVisibility()).map(({ id }) => id)`,
  );

const type = (text: string): Promise<unknown> =>
  page.evaluate(
    `{ const box = document.getElementById('search'); box.value = ${JSON.stringify(text)}; box.dispatchEvent(new Event('input')); }`,
  );

describe('renderPage()', () => {
  test('opens in Chromium without a complaint and without asking for anything', async () => {
    expect(await page.evaluate('document.title')).toBe('sample: CNI conformance');
    expect(await page.evaluate(`document.querySelector('.verdict').textContent`)).toBe(
      'Violates 2 MUST and 1 SHOULD, misses 1 of practice',
    );
    expect(page.complaints).toEqual([]);
  });

  test('shows what the plugin printed as text, whatever it is', async () => {
    const pre = `[...document.querySelectorAll('.calls pre')].map((entry) => entry.textContent)`;

    expect(await page.evaluate(pre)).toEqual(
      expect.arrayContaining(['a <b>word</b>', expect.stringContaining('</script>')]),
    );
    expect(await page.evaluate(`document.querySelector('#ADD-02 .message').textContent`)).toContain(
      '+ link <left>',
    );
    expect(await page.evaluate(`document.querySelectorAll('.calls b').length`)).toBe(1);
  });

  test('opens what failed and tells how to run it again', async () => {
    expect(await page.evaluate(`[...document.querySelectorAll('.case[open]')].map(({ id }) => id)`)).toEqual([
      'ADD-02',
      'ADD-03',
      'GC-02',
      'GC-03',
    ]);
    expect(await page.evaluate(`document.querySelector('#ADD-02 .body').textContent`)).toContain(
      'flatnet-conformance --plugin sample --config net.json --only ADD-02',
    );
  });

  test('shows the cases that the filters ask for', async () => {
    await page.evaluate(`document.querySelector('.filters input[value=passed]').click()`);
    expect(await visibleIds()).toEqual(['ADD-02', 'ADD-03', 'GC-01', 'GC-02', 'GC-03']);
    await type('gc must');
    expect(await visibleIds()).toEqual(['GC-01', 'GC-02']);
    await type('practice');
    expect(await visibleIds()).toEqual(['GC-03']);
    await type('no such case');
    expect(await visibleIds()).toEqual([]);
    expect(await page.evaluate(`document.getElementById('nothing').checkVisibility()`)).toBe(true);
    await type('');
    await page.evaluate(`document.querySelector('.filters input[value=passed]').click()`);
    expect(await visibleIds()).toHaveLength(6);
  });

  test.each([1400, 390])('fits a window %i pixels wide', async (width) => {
    await page.setWidth(width);

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect((await page.screenshot()).length).toBeGreaterThan(10_000);
  });
});
