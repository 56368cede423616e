import { readTextFile } from '../../sys/files/files.ts';
import { linkTarget, listNames, removeTree } from '../../sys/files/text-file.ts';
import { pointLink, writeTree } from '../../sys/files/tree.ts';

/*
 * Configurations that nginx serves, served or is to serve: STATE/generations/N, of which STATE/current is a link to one.
 * Its main file is STATE/current/nginx.conf; everything that it includes is named from there.
 */

const KEPT = 3;

export interface Generations {
  directoryOf(generation: number): string;
  /** The one that nginx would start with. */
  current(): number | undefined;
  /** A number that no generation had before, as long as the last ones are there. */
  next(): number;
  /** @throws an error of `node:fs`; nothing of it is left then. */
  write(generation: number, files: ReadonlyMap<string, string>): Promise<void>;
  read(generation: number, file: string): string | undefined;
  /** Makes it the current one, in one step. */
  switchTo(generation: number): void;
  remove(generation: number): void;
  /** Removes old ones, but none of these. */
  prune(inUse: readonly (number | undefined)[]): void;
}

const numberOf = (name: string): number | undefined => (/^[1-9]\d*$/.test(name) ? Number(name) : undefined);

export function generationsIn(state: string): Generations {
  const all = `${state}/generations`;
  const link = `${state}/current`;
  const list = (): readonly number[] => listNames(all).flatMap((name) => numberOf(name) ?? []);
  const directoryOf = (generation: number): string => `${all}/${generation}`;
  const current = (): number | undefined => numberOf(linkTarget(link)?.split('/').at(-1) ?? '');
  return {
    directoryOf,
    current,
    next: () => Math.max(0, ...list()) + 1,
    async write(generation, files) {
      const former = current();
      const directory = directoryOf(generation);
      await writeTree({ directory, files, former: former === undefined ? undefined : directoryOf(former) });
    },
    read: (generation, file) => readTextFile(`${directoryOf(generation)}/${file}`),
    switchTo(generation) {
      pointLink(link, `generations/${generation}`);
    },
    remove(generation) {
      removeTree(directoryOf(generation));
    },
    prune(inUse) {
      const kept = list()
        .toSorted((one, other) => other - one)
        .slice(0, KEPT);
      for (const generation of list())
        if (!kept.includes(generation) && !inUse.includes(generation)) removeTree(directoryOf(generation));
    },
  };
}
