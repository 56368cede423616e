import { ICON, MARK, SCRIPT, STYLE } from './assets.ts';
import { type Html, html, ownHtml, renderHtml } from './html.ts';
import { type Language, LANGUAGES } from './language.ts';
import { textsFor } from './texts/for.ts';

/** What every page of the gateway's own address has around it. */
export interface Frame {
  readonly language: Language;
  readonly title: string;
  readonly hostName: string;
  readonly version: string;
  /** What is searched for; `undefined` on pages without a list, which have no field for it. */
  readonly query: string | undefined;
  readonly hasCertificate: boolean;
}

/** In the page's other languages, with what is searched for. */
function languageLinks({ language, query }: Frame): Html {
  const links = LANGUAGES.map((one) => {
    const asked = new URLSearchParams({ lang: one, ...(query ? { q: query } : {}) });
    const current = one === language ? html` aria-current="true"` : undefined;
    return html`<a href="?${asked.toString()}" lang="${one}" hreflang="${one}" ${current}
      >${textsFor(one).languageName}</a
    >`;
  });
  return html`<nav class="languages" aria-label="${textsFor(language).otherLanguage}">${links}</nav>`;
}

function searchForm({ language, query }: Frame): Html {
  if (query === undefined) return html``;
  const texts = textsFor(language);
  return html`<form class="search" role="search" action="/" method="get">
    <label class="unseen" for="q">${texts.search}</label>
    <input
      id="q"
      name="q"
      type="search"
      value="${query}"
      placeholder="${texts.search}"
      autocomplete="off"
      spellcheck="false"
      maxlength="100"
    />
    <kbd aria-hidden="true" title="${texts.searchKeys}">/</kbd>
    <input type="hidden" name="lang" value="${language}" />
    <button class="unseen" type="submit">${texts.searchButton}</button>
  </form>`;
}

function footer({ language, version, hasCertificate, query }: Frame): Html {
  const texts = textsFor(language);
  return html`<footer class="foot">
    <p>flatnet ${version}</p>
    <p class="foot-links">
      <a href="/hosts">${texts.footerHosts}</a>
      <a href="/api/openapi.json">${texts.footerApi}</a
      >${hasCertificate && html` <a href="/ca">${texts.footerCa}</a>`}
    </p>
    ${query !== undefined && html`<p class="keys" aria-hidden="true">${texts.keys}</p>`}
  </footer>`;
}

/** A whole document; the script only adds to what stands there. */
export function documentOf(frame: Frame, content: Html): string {
  const { language, title, hostName } = frame;
  return renderHtml(
    html`<!doctype html>
      <html lang="${language}">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title}</title>
          <link rel="icon" type="image/svg+xml" href="${ICON.path}" />
          <link rel="stylesheet" href="${STYLE.path}" />
          <script src="${SCRIPT.path}" type="module"></script>
        </head>
        <body>
          <a class="skip" href="#main">${textsFor(language).skip}</a>
          <header class="top">
            <div class="top-in">
              <a class="brand" href="/?lang=${language}"
                ><span class="mark" aria-hidden="true">${ownHtml(MARK)}</span><span>flatnet</span></a
              >
              <span class="host-name">${hostName}</span>
              ${searchForm(frame)} ${languageLinks(frame)}
            </div>
          </header>
          <main id="main" tabindex="-1">${content}</main>
          ${footer(frame)}
        </body>
      </html> `,
  );
}
