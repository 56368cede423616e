import type { Labels } from '../../model.ts';
import type { ForeignLabels } from '../../settings.ts';
import { NO_LABELS, type RawLabels } from '../reading.ts';
import { readCaddy } from './caddy.ts';
import { readHomepage } from './homepage.ts';
import { readNginxProxy } from './nginx-proxy.ts';
import { readTraefik } from './traefik.ts';

const READERS: Readonly<Record<ForeignLabels, (labels: Labels) => RawLabels>> = {
  'nginx-proxy': readNginxProxy,
  traefik: readTraefik,
  caddy: readCaddy,
  homepage: readHomepage,
};

/**
 * Labels of other tools, for containers that have none of flatnet. Of several tools that say what to serve, the first of
 * the settings counts: two of them describe the same service twice.
 */
export function readForeignLabels(labels: Labels, languages: readonly ForeignLabels[]): RawLabels {
  const read = languages.map((language) => READERS[language](labels));
  const serving = read.find(({ services }) => services.length > 0) ?? NO_LABELS;
  const shown = read.find(({ display }) => display.size > 0) ?? NO_LABELS;
  return { services: serving.services, display: shown.display, remarks: serving.remarks };
}
