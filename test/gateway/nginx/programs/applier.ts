import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createApplier } from '../../../../src/gateway/nginx/applier.ts';

/*
 * An applier in a throw-away host: it wants the model that it finds in a file, and writes its report to another.
 *   node applier.ts DIRECTORY
 */

const [, , directory = ''] = process.argv;
const read = (name: string): string | undefined => {
  try {
    return readFileSync(`${directory}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
};

const report = (): void => {
  const { quarantine, ...rest } = applier.report();
  const text = JSON.stringify({ ...rest, quarantine: Object.fromEntries(quarantine) });
  writeFileSync(`${directory}/report.new`, text);
  renameSync(`${directory}/report.new`, `${directory}/report.json`);
};
const applier = createApplier({
  settings: JSON.parse(read('settings.json') ?? '{}'),
  lua: readFileSync(new URL('../../../../lua/flatnet.lua', import.meta.url), 'utf8'),
  certificate: () => {
    const text = read('certificate.json');
    return text === undefined ? undefined : JSON.parse(text);
  },
  onChange: report,
  log: (line) => {
    console.log(line);
  },
});

let known: string | undefined;
setInterval(() => {
  const text = read('model.json');
  if (text === undefined || text === known) return;
  known = text;
  applier.want(JSON.parse(text));
}, 10);
