import type { Snapshot } from '../snapshot.ts';
import { card, row } from './card.ts';
import { documentOf } from './document.ts';
import { firstRun } from './first-run.ts';
import { type Html, html } from './html.ts';
import { namesNotice, staleNotice, troubleList } from './notices.ts';
import { type Scene, staleness } from './scene.ts';
import { stateMark } from './state-mark.ts';
import { type GroupView, type ListView, listView } from './view.ts';

export interface ListOptions {
  /** What is searched for; an empty text shows everything. */
  readonly query: string;
  /** Whether the visitor came by an address and not by a name. */
  readonly byAddress: boolean;
}

const STATES = ['ready', 'starting', 'unhealthy', 'paused', 'stopped'] as const;

function summary({ counts, notServed, served }: ListView, { texts }: Scene): Html {
  const present = STATES.filter((state) => counts[state] > 0);
  return html`<p class="summary" id="summary">
    ${served > 0 && html`<span class="total">${texts.count(served)}</span>`}
    ${present.map((state) => html`<span class="of-state">${stateMark(state)}${texts.stateCount[state](counts[state])}</span>`)}
    ${notServed.length > 0 && html`<a class="of-state" href="#not-served">${texts.notServedCount(notServed.length)}</a>`}
    <span
      class="live"
      id="connection"
      role="status"
      data-live="${texts.live}"
      data-lost="${texts.lost}"
    ></span>
  </p>`;
}

function group(
  { name, services }: GroupView,
  index: number,
  { scene, isAlone }: { scene: Scene; isAlone: boolean },
): Html {
  const id = `g-${index}`;
  const heading = name ?? scene.texts.ungrouped;
  return html`<section class="group" id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title" ${isAlone && html`class="unseen"`}>
      <bdi>${heading}</bdi> <span class="number" aria-hidden="true">${services.length}</span>
    </h2>
    <ul class="cards">
      ${services.map((service) => card(service, scene))}
    </ul>
  </section>`;
}

function groups(list: ListView, scene: Scene): Html {
  const isAlone = list.groups.length === 1 && list.groups[0]?.name === undefined;
  return html`${list.groups.map((one, index) => group(one, index, { scene, isAlone }))}`;
}

function notServedList({ notServed }: ListView, scene: Scene): Html {
  if (notServed.length === 0) return html``;
  const { texts } = scene;
  return html`<section class="group rest" id="not-served" aria-labelledby="not-served-title">
    <h2 id="not-served-title">
      ${texts.notServed} <span class="number" aria-hidden="true">${notServed.length}</span>
    </h2>
    <p class="lead">${texts.notServedLead}</p>
    <ul class="rows">
      ${notServed.map((service) => row(service, scene))}
    </ul>
  </section>`;
}

/** Instead of a list that has nothing. */
function emptyList(list: ListView, scene: Scene, { query }: ListOptions): Html {
  const { texts, language } = scene;
  if (query !== '') {
    if (list.notServed.length > 0) return html``;
    return html`<p class="no-match" id="no-match">
      ${texts.noMatch(query)} <a href="/?lang=${language}">${texts.showAll}</a>
    </p>`;
  }
  return firstRun(scene, list.notServed.length > 0);
}

/** The page of all services, as a whole document. */
export function listPage({ model, status, revision }: Snapshot, scene: Scene, options: ListOptions): string {
  const list = listView(model, scene.way, options.query);
  const { texts, language, hostName, version, hasCertificate } = scene;
  const title = texts.title(hostName);
  const isOld = staleness(status, scene.now) !== undefined;
  const content = html`<div
    id="live"
    class="${isOld && 'is-old'}"
    data-old="${String(isOld)}"
    data-revision="${revision}"
  >
    <div class="intro">
      <h1>${title}</h1>
      ${summary(list, scene)}
    </div>
    ${troubleList(status, scene)}${staleNotice(status, scene)}
    ${options.byAddress && list.served > 0 && namesNotice(scene)}
    ${list.served === 0 ? emptyList(list, scene, options) : groups(list, scene)} ${notServedList(list, scene)}
    <p class="no-match" id="no-match-live" data-text="${texts.noMatch('{}')}" hidden></p>
  </div>`;
  return documentOf({ language, title, hostName, version, hasCertificate, query: options.query }, content);
}
