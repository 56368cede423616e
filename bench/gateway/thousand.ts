import { detectFeatures, askNginx } from '../../src/gateway/nginx/detect.ts';
import { generationsIn } from '../../src/gateway/nginx/generations.ts';
import { DIRECTORIES, placesIn } from '../../src/gateway/nginx/places.ts';
import { renderGeneration } from '../../src/gateway/nginx/render/generation.ts';
import { renderTestMain } from '../../src/gateway/nginx/render/main.ts';
import { ensureDirectory } from '../../src/sys/files/tree.ts';
import { backend, inputOf, model, route, SETTINGS } from '../../test/gateway/nginx/models.ts';

/*
 * Renders, writes, tests and switches to configurations of a thousand routes, in a throw-away host. Each differs from the one
 * before in one route; the first has nothing to share files with. Prints what the steps of each took, in ms.
 *   node thousand.ts ROUNDS
 */

const [, , rounds = ''] = process.argv;
const ROUTES = 1_000;

ensureDirectory(`${DIRECTORIES.state}/temp`);
ensureDirectory(DIRECTORIES.run);
ensureDirectory(DIRECTORIES.log);
const features = await detectFeatures(SETTINGS, `${DIRECTORIES.run}/probe`);
const input = inputOf({ features, places: placesIn(DIRECTORIES) });
const generations = generationsIn(DIRECTORIES.state);

const routes = Array.from({ length: ROUTES }, (_, index) =>
  route(`container-${index}`, { backends: [backend(`10.87.${index >> 8}.${index & 255}`, 8_080)] }),
);

async function change(generation: number) {
  const marks = [performance.now()];
  const mark = () => marks.push(performance.now());
  const changed = [...routes, route(`newest-${generation}`)];
  const files = new Map(renderGeneration(model(changed), { ...input, generation }));
  files.set('test.conf', renderTestMain(input));
  mark();
  await generations.write(generation, files);
  mark();
  const main = `${generations.directoryOf(generation)}/test.conf`;
  const { exitCode, stderr } = await askNginx(features.program, ['-t', '-q', '-c', main]);
  if (exitCode !== 0) throw new Error(stderr);
  mark();
  generations.switchTo(generation);
  generations.prune([]);
  mark();
  const [render, write, test, turn] = marks.slice(1).map((time, index) => time - marks[index]!);
  return { render, write, test, switch: turn, whole: marks.at(-1)! - marks[0]! };
}

const measured = [];
for (let round = 0; round < Number(rounds); round += 1) measured.push(await change(generations.next()));
console.log(JSON.stringify(measured));
