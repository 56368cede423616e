import type { RouteState } from '../model.ts';
import { type Html, html } from './html.ts';

/** A mark beside a state's words. Its shape differs as well as its colour, for those who do not tell colours apart. */
export function stateMark(state: RouteState): Html {
  return html`<span class="mark-${state} state-mark" aria-hidden="true"></span>`;
}
