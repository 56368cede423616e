import { describe, expect, test } from 'vitest';
import { collectSentences, type Sentence } from './grammar.ts';

/*
 * The grammar of CONTRIBUTING.md, "Style": an error says what failed, on what, why, and what to do. Values in double
 * quotes, no final period, no contractions.
 */

const sentences = collectSentences();
const messages = sentences.filter(({ part }) => part === 'message');
const name = ({ file, text }: Sentence) => `${file}: ${text}`;
const namesOf = (found: readonly Sentence[]) => found.map(name);

/** "Cannot do this", "Invalid that", "The kernel refused it", or the state of a thing: "Link … belongs to another attachment". */
const OPENING = /^(Cannot|Invalid|Missing|Unknown|Required|There is|The kernel refused) /;
const STATE =
  /^["…A-Z].* (is|are|has|was|exists|belongs|vanished|did not|gave|failed|stayed)\b|^(IPAM plugin )?"…" …$/;

/**
 * What stands without double quotes: numbers, addresses, paths of flatnet's own, names of verbs, versions, system calls and their errors; words
 * that flatnet chose; and what brings its own quotes along.
 */
const BARE = [
  /^quote\(|^nameOf\(|^describe\w+\(/,
  /\.message\b|^(reason|problem|hint|what|where|who|holder|owner|text|key)$|(^|\.)doing$/,
  /\.length\b|pid$|seconds|Ms\b|^typeof /,
  /ddress$|^(subnet|cidr|clash|wanted)$|^others\.join|subnetsOf/,
  /^(name|signal|cniVersion)$|types\.join|missing\.join|users\.join|info_kind|holding$/,
  /^(call|code|word|why)$|^\[code, explanation\]/,
  /^bytes$|^(source|missing)$|^NAMES\[feature\]$/,
  /^path$|\.path$|^(directory|mountPoint)$|^SYSTEM_DIRECTORIES|^LAYOUT\.|^layout\.|problem \?\?|stderr\.trim/,
];

describe('the texts of errors', () => {
  test('are found in all parts of the sources', () => {
    const folders = new Set(sentences.map(({ file }) => file.split('/')[1]));
    expect([...folders]).toEqual(
      expect.arrayContaining(['attachment', 'bridge', 'cli', 'cni', 'firewall', 'input', 'ipam', 'sys']),
    );
    expect(messages.length).toBeGreaterThan(80);
  });

  test('say first what failed', () => {
    expect(namesOf(messages.filter(({ text }) => !OPENING.test(text) && !STATE.test(text)))).toEqual([]);
  });

  test('end without a period or an exclamation mark where they say what failed', () => {
    expect(namesOf(messages.filter(({ text }) => /[.!]$/.test(text)))).toEqual([]);
  });

  test('have values in double quotes', () => {
    const bare = messages.flatMap((sentence) =>
      sentence.bare
        .filter((value) => !BARE.some((known) => known.test(value)))
        .map((value) => `${name(sentence)} (${value})`),
    );
    expect(bare).toEqual([]);
  });

  test('have no other quotes around values', () => {
    expect(namesOf(sentences.filter(({ text }) => /['`‘’“”]…|…['`‘’“”]/.test(text)))).toEqual([]);
  });

  test('have no contractions', () => {
    const contraction = /\w(n't|'re|'ll|'ve|'m)\b|\b(it|that|there|here|what|who)'s\b/i;
    expect(namesOf(sentences.filter(({ text }) => contraction.test(text)))).toEqual([]);
  });
});
