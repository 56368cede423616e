import { hostPort } from '../../input/host-port.ts';
import { factsOf } from './facts.ts';
import { type Html, html } from './html.ts';
import { iconOf } from './icon.ts';
import type { Scene } from './scene.ts';
import { stateMark } from './state-mark.ts';
import type { ServiceView } from './view.ts';

function stateLine({ service }: ServiceView, { words, now }: Scene): Html {
  const { state, since, container } = service;
  const text = words.state(state, { since, now, exitCode: container.exitCode });
  const moment = new Date(since).toISOString();
  return html`<p class="state state-${state}">
    ${stateMark(state)}<time datetime="${moment}">${text}</time>
  </p>`;
}

/** Where the traffic goes: `10.87.1.2:3000`. */
function whereTo({ routes, service }: ServiceView, { texts }: Scene): string {
  const backend = routes[0]?.backend;
  if (backend === undefined) return service.container.addresses[0] ?? texts.noAddress;
  return hostPort(backend.address, backend.port);
}

function details(view: ServiceView, scene: Scene): Html {
  return html`<details id="${view.key}-why">
    <summary>
      <span>${view.isServed ? scene.texts.why : scene.texts.whyNot}</span
      ><span class="unseen">: ${view.title}</span>
    </summary>
    ${factsOf(view, scene)}
  </details>`;
}

/** A served container: its name is the link, and everything else is smaller. */
export function card(view: ServiceView, scene: Scene): Html {
  const { key, title, display, state, routes, searchable } = view;
  const [name] = routes[0]?.names ?? [];
  const more = routes.reduce((count, { names }) => count + names.length, -1);
  const heading =
    name?.href === undefined
      ? html`<bdi>${title}</bdi>`
      : html`<a class="go" href="${name.href}"><bdi>${title}</bdi></a>`;
  return html`<li class="card is-${state}" id="${key}" data-search="${searchable}">
    <div class="head">
      <span class="tile" aria-hidden="true">${iconOf(display.icon, title)}</span>
      <h3>${heading}</h3>
      <p class="place">
        <span class="host">${name?.host}${more > 0 && html` <span class="more">+${more}</span>`}</span
        ><code class="where">${whereTo(view, scene)}</code>
      </p>
    </div>
    ${display.description !== undefined && html`<p class="description"><bdi>${display.description}</bdi></p>`}
    <div class="base">${stateLine(view, scene)}${details(view, scene)}</div>
  </li>`;
}

/** A container without a page: its reason is what one looks for. */
export function row(view: ServiceView, scene: Scene): Html {
  const { key, title, service, searchable, state } = view;
  const [refusal] = service.refusals;
  return html`<li class="row is-${state}" id="${key}" data-search="${searchable}">
    <h3><bdi>${title}</bdi></h3>
    ${stateLine(view, scene)}
    <p class="reason">${refusal !== undefined && scene.words.refusal(refusal)}</p>
    ${details(view, scene)}
  </li>`;
}
