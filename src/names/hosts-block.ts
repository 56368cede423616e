import { hostsForm } from './record.ts';
import type { FilledZone } from './zone.ts';

/*
 * A network's part of /etc/hosts, between two marks. Pure.
 */

const PATH_NOTE = 'kept by flatnet; names.host of the network';

function marksOf(network: string): readonly [string, string] {
  return [`# BEGIN flatnet names of ${network} (${PATH_NOTE})`, `# END flatnet names of ${network}`];
}

/**
 * Lines for this host. Only names with the domain: a container that called itself after a site of the world would
 * otherwise be that site for this host.
 */
export function hostsLines({ zone, records }: FilledZone): readonly string[] {
  return hostsForm(records, (name) => `${name}.${zone.domain}`);
}

/**
 * The first line of a network's block and the line after its last: from the last beginning before an end. A beginning that another
 * mark follows has no end, and the lines behind it are their owner's.
 */
function blockIn(lines: readonly string[], network: string): readonly [number, number] | undefined {
  const [begin, end] = marksOf(network);
  const isMark = (line: string | undefined) => line?.startsWith('# BEGIN ') === true || line === end;
  for (let first = lines.indexOf(begin); first >= 0; first = lines.indexOf(begin, first + 1)) {
    const last = lines.findIndex((line, at) => at > first && isMark(line));
    if (last > 0 && lines[last] === end) return [first, last + 1];
  }
  return undefined;
}

/** The text with the block of a network, in its place if it has one, else at the end; without it where there are no lines. */
export function withBlock(text: string, network: string, content: readonly string[]): string {
  const [begin, end] = marksOf(network);
  const block = content.length === 0 ? [] : [begin, ...content, end];
  const lines = text.split('\n');
  const place = blockIn(lines, network);
  if (place !== undefined)
    return [...lines.slice(0, place[0]), ...block, ...lines.slice(place[1])].join('\n');
  if (block.length === 0) return text;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${before}${block.join('\n')}\n`;
}

/** Names of the networks that have a block. */
export function networksIn(text: string): readonly string[] {
  return [...text.matchAll(/^# BEGIN flatnet names of (\S+) \(/gm)].flatMap(([, network]) => network ?? []);
}
