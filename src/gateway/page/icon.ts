import box from '../../../web/icons/box.svg?raw';
import chart from '../../../web/icons/chart.svg?raw';
import chat from '../../../web/icons/chat.svg?raw';
import cloud from '../../../web/icons/cloud.svg?raw';
import code from '../../../web/icons/code.svg?raw';
import database from '../../../web/icons/database.svg?raw';
import document from '../../../web/icons/document.svg?raw';
import home from '../../../web/icons/home.svg?raw';
import image from '../../../web/icons/image.svg?raw';
import lock from '../../../web/icons/lock.svg?raw';
import mail from '../../../web/icons/mail.svg?raw';
import music from '../../../web/icons/music.svg?raw';
import play from '../../../web/icons/play.svg?raw';
import terminal from '../../../web/icons/terminal.svg?raw';
import { type Html, html, ownHtml } from './html.ts';

const FILES: Readonly<Record<string, string>> = {
  box,
  chart,
  chat,
  cloud,
  code,
  database,
  document,
  home,
  image,
  lock,
  mail,
  music,
  play,
  terminal,
};

const ICONS: ReadonlyMap<string, Html> = new Map(
  Object.entries(FILES).map(([name, file]) => [name, ownHtml(file)]),
);

/** What a label `flatnet.icon` may say by name. */
export const ICON_NAMES: readonly string[] = [...ICONS.keys()];

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** As a person counts them: an emoji is one, whatever it is made of. */
function characters(text: string): readonly string[] {
  return [...SEGMENTER.segment(text)].map(({ segment }) => segment);
}

/** An icon of ours by its name, a text of one or two characters as it is, else the first letter of the title. */
export function iconOf(icon: string | undefined, title: string): Html {
  const known = ICONS.get(icon ?? '');
  if (known !== undefined) return known;
  const given = icon === undefined || icon.length > 40 ? [] : characters(icon.trim());
  if (given.length === 1 || given.length === 2) return html`${given.join('')}`;
  return html`${(characters(title.slice(0, 40))[0] ?? '?').toUpperCase()}`;
}
