/** System fonts, one accent for each outcome, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --sheet: #fff; --ink: #1b2430; --soft: #5c6878; --line: #dfe4ea;
  --passed: #1a7f4b; --failed: #c62f36; --skipped: #97a1ae; --fair: #a86400; --link: #1f5fbf; --code: #eef1f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11161d; --sheet: #19202a; --ink: #e6ebf1; --soft: #9aa7b6; --line: #2b3542;
    --passed: #4cc38a; --failed: #ff7a7f; --skipped: #66717f; --fair: #f0b04a; --link: #82b3ff; --code: #222b37;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 68rem; padding: 2.5rem 1.5rem 5rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre, .id { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; }
code { font-size: .88em; background: var(--code); padding: .08em .35em; border-radius: 4px; overflow-wrap: anywhere; }
.kicker { margin: 0; color: var(--soft); font-size: .82rem; letter-spacing: .06em; text-transform: uppercase; }
h1 { margin: .1rem 0 .2rem; font-size: 2.4rem; letter-spacing: -.02em; line-height: 1.15; }
.verdict { margin: 0 0 1.4rem; font-size: 1.15rem; font-weight: 600; }
.verdict.good { color: var(--passed); } .verdict.fair { color: var(--fair); } .verdict.bad { color: var(--failed); }
.bar { display: flex; gap: 2px; height: 12px; border-radius: 6px; overflow: hidden; }
.bar.thin { height: 6px; min-width: 9rem; }
.bar .passed { background: var(--passed); } .bar .failed { background: var(--failed); } .bar .skipped { background: var(--skipped); }
.numbers { display: flex; gap: 2.5rem; margin: .9rem 0 1.6rem; }
.numbers div { display: flex; flex-direction: column-reverse; }
.numbers dt { color: var(--soft); font-size: .85rem; } .numbers dd { margin: 0; font-size: 1.9rem; font-weight: 650; line-height: 1.1; font-variant-numeric: tabular-nums; }
.numbers .passed dd { color: var(--passed); } .numbers .failed dd { color: var(--failed); } .numbers .skipped dd { color: var(--soft); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: .7rem 2rem; margin: 0; padding: 1rem 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); font-size: .8rem; } .facts dd { margin: 0; }
.overview { width: 100%; margin: 1.4rem 0; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.overview th { text-align: left; font-weight: 500; } .overview thead th { color: var(--soft); font-size: .8rem; font-weight: 400; }
.overview td, .overview th { padding: .28rem .6rem .28rem 0; border-bottom: 1px solid var(--line); }
.overview td:nth-child(2) { width: 40%; } .overview .count, .overview thead th:nth-child(n+3) { text-align: right; width: 5rem; }
.count.passed { color: var(--passed); } .count.failed { color: var(--failed); font-weight: 650; } .count.skipped { color: var(--soft); } .count.none { color: var(--soft); }
.filters { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; align-items: center; padding: .7rem 0; background: var(--ground); }
.filters label { cursor: pointer; } .filters input[type=checkbox] { accent-color: var(--link); }
.filters input[type=search] { flex: 1 1 14rem; padding: .4rem .7rem; font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--line); border-radius: 7px; }
h2 { margin: 1.8rem 0 .6rem; font-size: 1.1rem; scroll-margin-top: 4rem; }
h3 { margin: 1rem 0 .3rem; font-size: .85rem; color: var(--soft); font-weight: 600; }
.case { background: var(--sheet); border: 1px solid var(--line); border-bottom-width: 0; }
.case:first-of-type { border-radius: 9px 9px 0 0; } .case:last-of-type { border-radius: 0 0 9px 9px; border-bottom-width: 1px; }
.case > summary { display: grid; grid-template-columns: 1.2rem 6.2rem 4.4rem 1fr auto; gap: .5rem; align-items: baseline; padding: .42rem .9rem; cursor: pointer; list-style: none; }
.case > summary::-webkit-details-marker { display: none; }
.case > summary:hover { background: var(--code); }
.mark::before { font-weight: 700; } .passed .mark::before { content: "✓"; color: var(--passed); } .failed .mark::before { content: "✗"; color: var(--failed); } .skipped .mark::before { content: "–"; color: var(--skipped); }
.id { font-size: .86rem; } .severity { font-size: .72rem; letter-spacing: .04em; color: var(--soft); } .severity.must { font-weight: 700; color: var(--ink); }
.skipped .title, .skipped .id, .skipped .severity { color: var(--soft); font-weight: 400; }
.ms { color: var(--soft); font-size: .82rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.case.failed { border-left: 3px solid var(--failed); } .case.failed.should { border-left-color: var(--fair); } .failed.should .mark::before { color: var(--fair); } .case.failed .title { font-weight: 600; }
.body { padding: .1rem .9rem .9rem 2.6rem; }
pre { margin: .4rem 0; padding: .7rem .9rem; background: var(--code); border-radius: 7px; font-size: .8rem; line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; }
.failed .message { border-left: 3px solid var(--failed); } .failed.should .message { border-left-color: var(--fair); } .cite { margin: .3rem 0; font-size: .85rem; } .note { margin: .2rem 0; color: var(--soft); font-size: .85rem; }
.calls { margin: 0; padding-left: 1.6rem; color: var(--soft); } .calls > li > details { color: var(--ink); } .calls summary { cursor: pointer; padding: .12rem 0; }
.zero { color: var(--passed); } .nonzero { color: var(--failed); }
figure { margin: .4rem 0 .6rem; } figcaption { color: var(--soft); font-size: .78rem; } figure pre { max-height: 22rem; overflow: auto; margin: .15rem 0; }
[hidden] { display: none !important; }
@media (max-width: 44rem) {
  body { padding: 1.4rem .9rem 3rem; } .case > summary { grid-template-columns: 1.2rem auto auto 1fr; } .case .title { grid-column: 2 / -1; } .case .ms { grid-row: 1; grid-column: 4; text-align: right; }
  .overview td:nth-child(2), .overview thead th:nth-child(2) { display: none; } .body { padding-left: .9rem; }
}
@media print { .filters { display: none; } body { background: none; } }
`;

/** Filters by outcome and words; the page works without it. */
export const SCRIPT = `
const cases = [...document.querySelectorAll('.case')];
const boxes = [...document.querySelectorAll('.filters input[type=checkbox]')];
const search = document.getElementById('search');
function show() {
  const outcomes = boxes.filter((box) => box.checked).map((box) => box.value);
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const entry of cases) {
    entry.hidden = !outcomes.includes(entry.dataset.outcome) || !words.every((word) => entry.dataset.words.includes(word));
  }
  for (const family of document.querySelectorAll('.family')) family.hidden = !family.querySelector('.case:not([hidden])');
  document.getElementById('nothing').hidden = cases.some((entry) => !entry.hidden);
}
for (const input of [...boxes, search]) input.addEventListener('input', show);
if (location.hash) document.getElementById(location.hash.slice(1))?.setAttribute('open', '');
`;
