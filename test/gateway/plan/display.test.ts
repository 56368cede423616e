import { describe, expect, it } from 'vitest';
import { FORMS } from '../../../src/gateway/plan/forms.ts';
import { labelled, refusalsOf } from './samples.ts';

const displayOf = (labels: Record<string, string>, imageLabels: Record<string, string> = {}) =>
  labelled(labels, { container: { imageLabels } }).services[0]!.display;

describe('what the page shows of a container', () => {
  it('is its name where nobody says more', () => {
    expect(displayOf({})).toEqual({
      title: 'web',
      group: undefined,
      icon: undefined,
      description: undefined,
      weight: 0,
    });
  });

  it('is what the owner says, in any language', () => {
    const labels = {
      'flatnet.name': ' 社内 Git ',
      'flatnet.group': '開発',
      'flatnet.icon': '🦊',
      'flatnet.description': 'Repositories',
      'flatnet.weight': '-5',
    };
    expect(displayOf(labels)).toEqual({
      title: '社内 Git',
      group: '開発',
      icon: '🦊',
      description: 'Repositories',
      weight: -5,
    });
  });

  it('is what the image says after that, and its OCI labels last', () => {
    const image = {
      'flatnet.name': 'Forgejo',
      'flatnet.group': 'Code',
      'flatnet.icon': 'forgejo',
      'flatnet.weight': '-100',
      'org.opencontainers.image.title': 'forge',
      'org.opencontainers.image.description': 'Beyond coding',
    };
    expect(displayOf({ 'flatnet.group': 'Ours' }, image)).toEqual({
      title: 'Forgejo',
      group: 'Ours',
      icon: 'forgejo',
      description: 'Beyond coding',
      weight: 0,
    });
    expect(displayOf({}, { 'org.opencontainers.image.title': 'forge' }).title).toBe('forge');
  });

  it.each([
    ['name', 'a\nb', FORMS.name],
    ['name', '', FORMS.name],
    ['name', 'x'.repeat(81), FORMS.name],
    ['name', 'abc\u202edcba', FORMS.name],
    ['name', 'half \ud800', FORMS.name],
    ['description', 'x'.repeat(301), FORMS.description],
    ['icon', 'http://evil.example/x.png', FORMS.icon],
    ['icon', '../../etc', FORMS.icon],
    ['icon', 'ABC', FORMS.icon],
    ['weight', '1e3', FORMS.weight],
    ['weight', '1001', FORMS.weight],
  ])('flatnet.%s=%j is told of, and the container is served all the same', (key, value, expected) => {
    const model = labelled({ [`flatnet.${key}`]: value });
    expect(model.routes).toHaveLength(1);
    const [refusal, ...others] = refusalsOf(model, 'web');
    expect(refusal).toMatchObject({ why: 'bad-label', label: `flatnet.${key}`, expected });
    expect(others).toEqual([]);
    expect(model.services[0]!.display).toMatchObject({ title: 'web', weight: 0 });
  });

  it('an icon is one or two characters as people count them', () => {
    expect(displayOf({ 'flatnet.icon': '👨‍👩‍👧‍👦' }).icon).toBe('👨‍👩‍👧‍👦');
    expect(displayOf({ 'flatnet.icon': '仕事' }).icon).toBe('仕事');
    expect(displayOf({ 'flatnet.icon': '仕事中' }).icon).toBeUndefined();
  });
});
