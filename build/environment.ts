import type { Edit, Patch, Plan } from './patch.ts';

/**
 * Environment variables that Node and its libraries obey before a program's first line runs, besides NODE_OPTIONS,
 * which the single-executable configuration disables. flatnet runs as root with its caller's environment; on an
 * untouched Node, these let a developer's shell stop a call (NODE_CHANNEL_FD, NODE_REPL_EXTERNAL_MODULE,
 * NODE_USE_ENV_PROXY, SIMDUTF_FORCE_IMPLEMENTATION), write files (NODE_COMPILE_CACHE, NODE_V8_COVERAGE) or print on
 * stderr (NODE_DEBUG). List only variables that affect a call.
 */
export const IGNORED_VARIABLES = [
  'NODE_CHANNEL_FD',
  'NODE_COMPILE_CACHE',
  'NODE_DEBUG',
  'NODE_REPL_EXTERNAL_MODULE',
  'NODE_USE_ENV_PROXY',
  'NODE_V8_COVERAGE',
  'SIMDUTF_FORCE_IMPLEMENTATION',
] as const;

/**
 * Locale variables, which ICU reads: a value of 157 characters, one with characters beyond the first 65,536, or one
 * with a long word (`/nonexistent`) ends any Node with SIGSEGV at start. flatnet speaks one language.
 */
export const LOCALE_VARIABLES = ['LC_ALL', 'LC_MESSAGES', 'LANG'] as const;

const UNDERSCORE = Buffer.from('_');

/**
 * Makes a Node binary ignore a variable: replaces the first letter of its name with an underscore at every occurrence.
 * Length and syntax stay, so compiled code, embedded scripts and the start-up snapshot remain consistent. Node has no
 * switch for this, and a program that restarts itself with a clean environment pays for two starts.
 * @param text the name, with a NUL if it is so short that other words begin with it.
 */
export function planIgnoring(binary: Buffer, text: string): Plan {
  const edits: Edit[] = [];
  for (let at = binary.indexOf(text); at !== -1; at = binary.indexOf(text, at + 1)) {
    edits.push({ at, bytes: UNDERSCORE });
  }
  return edits.length === 0 ? { skipped: 'its name is not in the binary' } : { edits };
}

function ignore(name: string, text = name): Patch {
  return { name: `ignore ${name}`, plan: (binary) => planIgnoring(binary, text) };
}

export const ENVIRONMENT_PATCHES: readonly Patch[] = [
  ...IGNORED_VARIABLES.map((name) => ignore(name)),
  ...LOCALE_VARIABLES.map((name) => ignore(name, `${name}\0`)),
];
