import { dateText } from './date.ts';
import { type Html, html, type Piece } from './html.ts';
import type { Scene } from './scene.ts';
import type { RouteView, ServiceView } from './view.ts';

function fact(name: string, value: Piece): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function listed(texts: readonly (string | number)[], otherwise: string): Piece {
  return texts.length === 0 ? otherwise : html`<bdi>${texts.join(', ')}</bdi>`;
}

/** Names, way and reason of one route. */
function routeFacts({ route, names, backend }: RouteView, { texts, words }: Scene): Html {
  const links = names.map(({ host, href }) =>
    href === undefined ? host : html`<a href="${href}">${host}</a>`,
  );
  const { access, auth } = route.options;
  const limits = [
    access.length > 0 && texts.limitedTo(access.join(', ')),
    auth !== undefined && texts.protectedByPassword,
    route.backends.length > 1 && texts.pooled(route.backends.map(({ container }) => container).join(', ')),
  ].filter((limit) => limit !== false);
  return html` ${fact(texts.names, html`<span class="names">${links}</span>${limits.map((limit) => html`<span class="limit">${limit}</span>`)}`)}
  ${backend !== undefined && fact(texts.port, html`<code>${backend.port}</code> <span class="reason">${words.portReason(route.portReason)}</span>`)}`;
}

/** All that is known of a service, and why it is served as it is, or not. */
export function factsOf(view: ServiceView, scene: Scene): Html {
  const { container, refusals } = view.service;
  const { texts, words } = scene;
  return html`<dl class="facts">
    ${view.routes.map((route) => routeFacts(route, scene))}
    ${refusals.map((refusal) => fact(texts.notBecause, words.refusal(refusal)))}
    ${fact(texts.address, listed(container.addresses, texts.noAddress))}
    ${fact(texts.exposed, listed(container.exposed, texts.none))}
    ${fact(texts.networks, listed(container.networks, texts.none))}
    ${fact(texts.container, html`<bdi>${container.name}</bdi> <code>${container.id.slice(0, 12)}</code>`)}
    ${fact(texts.image, html`<bdi>${container.image}</bdi>`)} ${fact(texts.host, scene.hostName)}
    ${fact(texts.created, html`<time datetime="${new Date(container.createdAt).toISOString()}">${dateText(container.createdAt)}</time>`)}
  </dl>`;
}
