import type { GatewayStatus, Trouble } from '../snapshot.ts';
import { type Html, html } from './html.ts';
import { type Scene, staleness } from './scene.ts';

function troubleItem({ code, message, remedy, since }: Trouble, { texts, words, now }: Scene): Html {
  return html`<li id="t-${code}">
    <p class="message">${message} <span class="age">${texts.since(words.age(now - since))}</span></p>
    <p class="remedy"><span>${texts.remedy}</span> <code>${remedy}</code></p>
  </li>`;
}

/** What is wrong, each with what to do; the words are those of the command line and its log. */
export function troubleList({ troubles }: GatewayStatus, scene: Scene): Html {
  if (troubles.length === 0) return html``;
  return html`<section class="notice bad" id="troubles" aria-labelledby="troubles-title">
    <h2 id="troubles-title">${scene.texts.troubles(troubles.length)}</h2>
    <ul lang="en">
      ${troubles.map((trouble) => troubleItem(trouble, scene))}
    </ul>
  </section>`;
}

/** That what is shown is old. */
export function staleNotice(status: GatewayStatus, scene: Scene): Html {
  const age = staleness(status, scene.now);
  if (age === undefined) return html``;
  const { texts, words } = scene;
  const title = age === 'never' ? texts.neverLooked : texts.stale(words.age(age));
  return html`<section class="notice old" id="stale">
    <h2>${title}</h2>
    ${age !== 'never' && html`<p>${texts.staleLead}</p>`}
  </section>`;
}

/** For a visitor who came by an address, and so may not have the names: closed, as most have them. */
export function namesNotice({ texts }: Scene): Html {
  return html`<details class="notice names-hint" id="names-hint">
    <summary><span>${texts.byAddress}</span></summary>
    <p>${texts.byAddressLead}</p>
    <p><a class="button" href="/hosts" download="flatnet-hosts.txt">${texts.hostsFile}</a></p>
    <ul>
      ${texts.hostsSteps.map((step) => html`<li>${step}</li>`)}
    </ul>
  </details>`;
}
