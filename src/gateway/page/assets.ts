import errorStyle from '../../../web/error.css?raw';
import script from '../../../web/live.js?raw';
import mark from '../../../web/icons/mark.svg?raw';
import style from '../../../web/style.css?raw';
import { sha256OfText } from '../../sys/digest.ts';

/** A file of the page. Its path has its content's hash, so a browser may keep it for good. */
export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

function asset(name: string, type: string, body: string): Asset {
  const [stem = '', extension = ''] = name.split('.');
  const hash = sha256OfText(body).slice(0, 12);
  return { path: `/assets/${stem}.${hash}.${extension}`, type: `${type}; charset=utf-8`, body };
}

export const STYLE = asset('style.css', 'text/css', style);
export const SCRIPT = asset('live.js', 'text/javascript', script);
export const ICON = asset('icon.svg', 'image/svg+xml', mark);

export const ASSETS: readonly Asset[] = [STYLE, SCRIPT, ICON];

export function assetAt(path: string): Asset | undefined {
  return ASSETS.find((one) => one.path === path);
}

/** The style of error pages, which stand inside them. */
export const ERROR_STYLE = errorStyle;
/** For Content-Security-Policy. */
export const ERROR_STYLE_HASH = `sha256-${sha256OfText(errorStyle, 'base64')}`;
/** The icon as the address of an image: error pages can ask for no file, every path is the application's. */
export const ICON_DATA = `data:image/svg+xml,${encodeURIComponent(mark)}`;
export const MARK = mark;
