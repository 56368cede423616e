import { PLACES } from '../settings.ts';
import { documentOf } from './document.ts';
import { html } from './html.ts';
import type { Scene } from './scene.ts';

/** How to trust the gateway's certificates, or that it has none. */
export function caPage({ texts, language, hostName, version, hasCertificate }: Scene): string {
  const { ca } = texts;
  const title = hasCertificate ? ca.title : ca.off;
  const steps = ca.systems.map(
    ({ name, step }) =>
      html`<div>
        <dt>${name}</dt>
        <dd>${step}</dd>
      </div>`,
  );
  const content = hasCertificate
    ? html`<p>${ca.lead}</p>
        <p><a class="button" href="/ca.crt" download="flatnet-ca.crt">${ca.download}</a></p>
        <dl class="facts wide">${steps}</dl>`
    : html`<p>${ca.offLead} <code>${PLACES.settings}</code></p>`;
  return documentOf(
    { language, title, hostName, version, hasCertificate, query: undefined },
    html`<section class="first">
      <h1>${title}</h1>
      ${content}
    </section>`,
  );
}
