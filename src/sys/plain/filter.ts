import { isRefusal } from '../netlink/error.ts';
import { LIST_OPTIONS, linesAsArguments, withoutJson } from '../process/nft.ts';
import { run } from '../process/run.ts';
import { runSync } from '../process/run-sync.ts';
import type { Place } from './links.ts';
import { asRefusal } from './refusal.ts';
import type { PlainFilter } from './way.ts';

/* The packet filter through `nft`. */

function listTable(table: string, { limits }: Place): unknown {
  const what = `list table ${table}`;
  try {
    const args = [...LIST_OPTIONS, ...linesAsArguments([what])];
    return JSON.parse(runSync({ tool: 'nft', args }, limits).stdout);
  } catch (error) {
    const refusal = asRefusal(withoutJson(error), [what]);
    if (isRefusal(refusal, 'ENOENT')) return undefined;
    throw refusal;
  }
}

export function filterBy(place: Place): PlainFilter {
  const listed = new Map<string, unknown>();
  return {
    list: (table) => {
      if (!listed.has(table)) listed.set(table, listTable(table, place));
      return listed.get(table);
    },
    forget: () => {
      listed.clear();
    },
    change: (lines) => {
      listed.clear();
      try {
        runSync({ tool: 'nft', args: linesAsArguments(lines) }, place.limits);
      } catch (error) {
        throw asRefusal(error, lines);
      }
    },
    changeInBackground: async (lines) => {
      listed.clear();
      try {
        await run({ tool: 'nft', args: linesAsArguments(lines) }, place.limits);
      } catch (error) {
        throw asRefusal(error, lines);
      }
    },
  };
}
