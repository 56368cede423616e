import type { RouteState } from '../model.ts';
import { ERROR_STYLE, ICON_DATA, MARK } from './assets.ts';
import { type Html, html, ownHtml, renderHtml } from './html.ts';
import type { Language } from './language.ts';
import { stateMark } from './state-mark.ts';
import { textsFor } from './texts/for.ts';

export interface Suggestion {
  readonly host: string;
  readonly href: string | undefined;
}

/** An error as a page and as JSON tell it. */
export interface ErrorView {
  readonly status: number;
  readonly title: string;
  readonly lead: string;
  /** More of it, a paragraph each: the state's words, why something is not served. */
  readonly details: readonly string[];
  readonly state?: RouteState | undefined;
  readonly suggestions?: readonly Suggestion[];
  /** Seconds until the page tries again; `undefined` if it does not. */
  readonly refresh?: number | undefined;
  /** Whether the visitor sent something that did not arrive. */
  readonly isLost?: boolean;
  /** The page of all services; `undefined` if nothing is known that leads there. */
  readonly home?: string | undefined;
}

/** Known to the browser by its hash, so that a space more would void it. */
const STYLE = ownHtml(`<style>${ERROR_STYLE}</style>`);

function suggestionList(suggestions: readonly Suggestion[], title: string): Html {
  if (suggestions.length === 0) return html``;
  const links = suggestions.map(({ host, href }) =>
    href === undefined ? html`<li>${host}</li>` : html`<li><a href="${href}">${host}</a></li>`,
  );
  return html`<p class="mean">${title}</p>
    <ul class="near">
      ${links}
    </ul>`;
}

/** A document with its style inside: under the name of a container, every path is the application's. */
export function errorPage(view: ErrorView, language: Language): string {
  const texts = textsFor(language).errors;
  const { title, lead, details, state, refresh, home } = view;
  // Trying again by itself would send the form's address without its content.
  const again = view.isLost === true ? undefined : refresh;
  return renderHtml(
    html`<!doctype html>
      <html lang="${language}">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="robots" content="noindex" />
          ${again !== undefined && html`<meta http-equiv="refresh" content="${again}" />`}
          <title>${title}</title>
          <link rel="icon" type="image/svg+xml" href="${ICON_DATA}" />
          ${STYLE}
        </head>
        <body>
          <main>
            <p class="brand"><span class="mark" aria-hidden="true">${ownHtml(MARK)}</span>flatnet</p>
            <h1>${state !== undefined && stateMark(state)}${title}</h1>
            <p class="lead">${lead}</p>
            ${details.map((detail) => html`<p class="detail">${detail}</p>`)}
            ${suggestionList(view.suggestions ?? [], texts.didYouMean)}
            ${view.isLost === true && html`<p class="lost">${texts.notSent}</p>`}
            ${again !== undefined && html`<p class="again">${texts.refreshes(again)}</p>`}
            <p class="foot">
              ${home !== undefined && html`<a class="home" href="${home}">${texts.toPage}</a>`}<span
                >${texts.status(view.status)}</span
              >
            </p>
          </main>
        </body>
      </html> `,
  );
}
