import { describe, expect, it } from 'vitest';
import type { PortReason, Refusal, RouteState } from '../../../src/gateway/model.ts';
import { explainContainer, explainHost } from '../../../src/gateway/plan/explain.ts';
import { badLabel, FORMS } from '../../../src/gateway/plan/forms.ts';
import { ENGLISH } from '../../../src/gateway/words/en.ts';
import { JAPANESE } from '../../../src/gateway/words/ja.ts';
import { wordsFor } from '../../../src/gateway/words/words.ts';
import { container, NOW, plan, probe } from '../plan/samples.ts';

const [english, japanese] = [wordsFor('en'), wordsFor('ja')];

/** Paths of all words of a catalogue. */
function keysOf(value: unknown, at = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value)
    .flatMap(([key, inner]) => keysOf(inner, `${at}.${key}`))
    .sort();
}

const REFUSALS: readonly Refusal[] = [
  { why: 'not-on-flatnet', networks: [] },
  { why: 'not-on-flatnet', networks: ['podman'] },
  { why: 'disabled', label: 'flatnet.enable' },
  { why: 'not-labelled' },
  { why: 'no-address' },
  { why: 'no-host-name', name: '日本' },
  { why: 'no-web-port', exposed: [], tried: [] },
  { why: 'no-web-port', exposed: [5432], tried: [] },
  { why: 'no-web-port', exposed: [], tried: [80, 8080] },
  badLabel({ label: 'flatnet.port', value: 'x' }, 'port'),
  badLabel({ label: 'flatnet.hots', value: 'x' }, 'known', 'flatnet.host'),
  { why: 'conflict', host: 'git.local', path: '/', owner: 'old' },
  { why: 'quarantined', message: 'host not found' },
];
const REASONS: readonly PortReason[] = [
  { by: 'label', label: 'flatnet.port' },
  { by: 'only-web-port', exposed: [3000] },
  { by: 'only-web-port', exposed: [22, 3000] },
  { by: 'first-answer', tried: [80, 8080] },
];
const STATES: readonly RouteState[] = ['ready', 'starting', 'unhealthy', 'paused', 'stopped'];

describe('the words', () => {
  it('are the same in both languages, and no Japanese one is English', () => {
    expect(keysOf(JAPANESE)).toEqual(keysOf(ENGLISH));
    for (const refusal of REFUSALS) {
      expect(japanese.refusal(refusal)).not.toBe(english.refusal(refusal));
      expect(japanese.refusal(refusal)).toMatch(/\p{Script=Hiragana}/u);
    }
    for (const reason of REASONS) expect(japanese.portReason(reason)).toMatch(/\p{Script=Hiragana}/u);
    for (const form of Object.values(JAPANESE.forms))
      expect(Object.values<string>(FORMS)).not.toContain(form);
  });

  it('are one line without final period', () => {
    const texts = [english, japanese].flatMap((words) => [
      ...REFUSALS.map((refusal) => words.refusal(refusal)),
      ...REASONS.map((reason) => words.portReason(reason)),
      ...STATES.flatMap((state) => [words.stateName(state), words.advice(state, 'web') ?? 'none']),
    ]);
    for (const text of texts) expect(text).toMatch(/^[^\n]+[^.。\n]$/);
  });

  it.each<[RouteState, number, number | undefined, string, string]>([
    ['starting', 12_000, undefined, 'starting (12 s)', '起動中（12 秒）'],
    ['stopped', 180_000, 1, 'stopped 3 min ago, exit 1', '3 分前に停止（終了コード 1）'],
    ['stopped', 0, undefined, 'not running for 0 s', '停止中（0 秒前から）'],
    ['ready', 3_600_000, undefined, 'ready for 1 h', '稼働中（1 時間）'],
    ['ready', 47.5 * 3_600_000, undefined, 'ready for 47 h', '稼働中（47 時間）'],
    ['unhealthy', 50 * 3_600_000, undefined, 'unhealthy for 2 days', '異常（2 日前から）'],
    ['paused', -5000, undefined, 'paused for 0 s', '一時停止中（0 秒前から）'],
  ])('%s for %d ms', (state, age, exitCode, en, ja) => {
    const times = { since: NOW - age, now: NOW, exitCode };
    expect(english.state(state, times)).toBe(en);
    expect(japanese.state(state, times)).toBe(ja);
  });

  it('say what is expected of a label, and what was meant, in both languages', () => {
    const refusal = badLabel({ label: 'flatnet.hots', value: 'x' }, 'known', 'flatnet.host');
    expect(english.refusal(refusal)).toBe(
      'Label "flatnet.hots" has the value "x", but expected is a label that flatnet knows; did you mean "flatnet.host"?',
    );
    expect(japanese.refusal(refusal)).toBe(
      'ラベル "flatnet.hots" の値 "x" が正しくありません。指定できる値: flatnet のラベル。"flatnet.host" の間違いではありませんか',
    );
  });

  it('show no character of a label that would move the cursor or turn the text', () => {
    const refusal = badLabel({ label: 'flatnet.host', value: 'a\u001b[2J\n\u202eb' }, 'hosts');
    expect(english.refusal(refusal)).toContain('a\\u001b[2J\\n\\u202eb');
    expect(japanese.refusal({ why: 'quarantined', message: 'x\ny\u0007' })).toContain('x y\\u0007');
  });
});

describe('an explanation', () => {
  const model = plan(
    [
      container('forgejo', 2, { exposed: [22, 3000], labels: { 'flatnet.icon': 'TOO LONG' } }),
      container('db', 3, { exposed: [5432], phase: 'stopped', stoppedAt: NOW - 180_000, exitCode: 1 }),
    ],
    { probes: [probe('10.87.1.2', 3000, { since: NOW - 12_000 })] },
  );

  it('says all of a host that is served', () => {
    expect(english.explanation(explainHost(model, 'forgejo.local'), NOW)).toEqual([
      'forgejo.local leads to container "forgejo" at 10.87.1.2:3000: ready for 12 s',
      'Port 3000: the only port for browsers among those exposed (22, 3000)',
      'Further names: forgejo.flatnet.local',
      `Note: Label "flatnet.icon" has the value "TOO LONG", but expected is ${FORMS.icon}`,
    ]);
    expect(japanese.explanation(explainHost(model, 'forgejo.local'), NOW).slice(0, 3)).toEqual([
      'forgejo.local はコンテナ "forgejo"（10.87.1.2:3000）につながります: 稼働中（12 秒）',
      'ポート 3000: EXPOSE されているポート（22、3000）のうち、ブラウザー向けはこれだけです',
      'ほかの名前: forgejo.flatnet.local',
    ]);
  });

  it('says why a container is not served', () => {
    expect(english.explanation(explainContainer(model, 'db'), NOW)).toEqual([
      'Container "db" is not served',
      'Not served: None of its exposed ports (5432) is known to be for browsers; if one is, add flatnet.port',
    ]);
    expect(english.explanation(explainHost(model, 'db.local'), NOW)[0]).toBe(
      'db.local would lead to container "db", which is not served there',
    );
  });

  it('says what to do about a container that is down', () => {
    const down = plan([container('web', 2, { phase: 'stopped', stoppedAt: NOW - 5000, exitCode: 137 })]);
    expect(english.explanation(explainContainer(down, 'web'), NOW)).toEqual([
      'web.local leads to container "web" at 10.87.1.2:8080: stopped 5 s ago, exit 137',
      'Port 8080: the only exposed port',
      'Further names: web.flatnet.local',
      'To start it: podman start web; to see why it ended: podman logs web',
    ]);
  });

  it('guesses what was meant', () => {
    expect(english.explanation(explainHost(model, 'forgjo.local'), NOW)).toEqual([
      'No container has the name "forgjo.local"',
      'Did you mean forgejo.local?',
    ]);
    expect(japanese.explanation(explainContainer(model, 'fogejo'), NOW)).toEqual([
      'コンテナ "fogejo" はありません',
      'もしかして: forgejo',
    ]);
  });
});
