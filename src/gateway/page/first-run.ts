import { type Html, html } from './html.ts';
import { linkTo } from './link.ts';
import type { Scene } from './scene.ts';

/** Works when pasted: a small web server, on the network that quick start makes. */
const COMMAND = 'podman run -d --name hello --network flatnet docker.io/library/nginx';

/** Instead of an empty list. @param hasOthers whether containers run that are not served. */
export function firstRun(scene: Scene, hasOthers: boolean): Html {
  const { texts, way } = scene;
  return html`<section class="first" id="first">
    <h2>${texts.firstTitle}</h2>
    ${hasOthers && html`<p>${texts.firstNotServed}</p>`}
    <p>${texts.firstLead}</p>
    <pre tabindex="0"><code>${COMMAND}</code></pre>
    <p>${texts.firstThen} <code>${linkTo(way, 'hello.local')}</code></p>
  </section>`;
}
