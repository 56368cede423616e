import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { escapeHtml, html, renderHtml } from '../../../src/gateway/page/html.ts';
import { iconOf } from '../../../src/gateway/page/icon.ts';
import type { Model } from '../../../src/gateway/model.ts';
import { contextOf, modelOf, sourceOf, STATUS } from '../sample.ts';
import { ask, BROWSER } from '../api/ask.ts';

const ATTACKS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '` onfocus=alert(1) autofocus `',
  '</title></style></script><svg onload=alert(1)>',
  'javascript:alert(1)',
  'x\u202egnp.exe',
  'x\r\n\r\nevent: snapshot\ndata: {}\n\n',
  '<!--',
  '\u0000<b>',
];

/** A model whose every free text is the attack. */
function hostile(attack: string): Model {
  const plain = modelOf([
    { name: 'good', port: 80 },
    { name: 'bad', refusals: [{ why: 'bad-label', label: attack, value: attack, expected: attack }] },
    { name: 'worse', refusals: [{ why: 'quarantined', message: attack }] },
  ]);
  return {
    ...plain,
    services: plain.services.map((service) => ({
      ...service,
      container: { ...service.container, name: attack, image: attack, networks: [attack] },
      display: { title: attack, group: attack, icon: attack, description: attack, weight: 0 },
    })),
    routes: plain.routes.map((route) => ({
      ...route,
      hosts: [attack, 'good.local'],
      portReason: { by: 'label', label: attack },
      options: { ...route.options, access: [attack], auth: attack },
      backends: route.backends.map((backend) => ({ ...backend, container: attack })),
    })),
  };
}

/** Tags and attributes of a document, as a parser would find them: what an attack would have to add to. */
function skeleton(document: string): string {
  const tags = document.match(/<\/?[a-z][a-z0-9]*(?:\s+[a-z-]+(?:="[^"<>]*")?)*\s*\/?>/gi) ?? [];
  return tags.map((tag) => tag.replaceAll(/="[^"]*"/g, '')).join('\n');
}

async function pageOf(attack: string, path: string, headers = {}) {
  const status = { ...STATUS, troubles: [{ code: 'x', message: attack, remedy: attack, since: 0 }] };
  const context = contextOf(sourceOf(hostile(attack), status), { hostName: attack, version: attack });
  const door = path === '/error-page' ? 'proxy' : 'lan';
  const host = path === '/error-page' ? 'good.local' : '192.168.10.1';
  return (await ask(context, path, { door, host, headers: { ...BROWSER, ...headers } })).text();
}

describe('texts of a stranger', () => {
  it.each(ATTACKS)('%j adds no tag and no attribute to a page', async (attack) => {
    const paths = ['/', `/?q=${encodeURIComponent(attack)}`, '/error-page', '/ca'];
    for (const path of paths) {
      const headers = { 'x-flatnet-route': 'good', 'x-flatnet-status': '502' };
      const [plain, attacked] = [
        await pageOf('harmless', path, headers),
        await pageOf(attack, path, headers),
      ];
      if (path.startsWith('/?')) expect(attacked).not.toMatch(/<(script>|img|b>|svg onload)/);
      else expect(skeleton(attacked)).toBe(skeleton(plain));
      expect(attacked).not.toContain('\u202e');
      expect(attacked).not.toMatch(/href="javascript:/i);
    }
  });

  it.each(ATTACKS)('%j ends no event', async (attack) => {
    const context = contextOf(sourceOf(hostile(attack)));
    const reader = (await ask(context, '/api/events')).body!.pipeThrough(new TextDecoderStream()).getReader();
    await reader.read();
    const { value = '' } = await reader.read();
    await reader.cancel();
    expect(value.trimEnd().split('\n')).toHaveLength(3);
    expect(JSON.parse(/^data: (.*)$/m.exec(value)![1]!).services[0].name).toBe(attack);
  });

  it('stay inside an attribute and a text, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`]|(?![\t\n])\p{Cc}|\u202e/u);
        expect(renderHtml(html`<p title="${text}">${[text, undefined, false, 1]}</p>`)).toMatch(
          /^<p title="[^"<>]*">[^<>]*1<\/p>$/,
        );
      }),
    );
  });

  it('are an icon only by a name of ours or in one or two characters', () => {
    const shown = (icon: string | undefined) => renderHtml(iconOf(icon, 'wiki'));
    expect(shown('cloud')).toContain('<svg');
    expect(shown('👩‍💻')).toBe('👩‍💻');
    expect(shown('io')).toBe('io');
    for (const icon of ['constructor', '__proto__', '<b>', '', undefined, '../cloud'])
      expect(shown(icon)).toBe('W');
  });
});
