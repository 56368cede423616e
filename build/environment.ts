import type { Edit, Patch, Plan } from './patch.ts';

/**
 * Environment variables that Node and the libraries in it obey before the first line of a program runs, besides
 * NODE_OPTIONS, which the single-executable configuration switches off. flatnet runs as root with its caller's
 * environment; on an untouched Node, these let a developer's shell stop a call (NODE_CHANNEL_FD,
 * NODE_REPL_EXTERNAL_MODULE, NODE_USE_ENV_PROXY, SIMDUTF_FORCE_IMPLEMENTATION), write files (NODE_COMPILE_CACHE,
 * NODE_V8_COVERAGE) or print on stderr (NODE_DEBUG). A variable that changes nothing about a
 * call does not belong here.
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
 * The variables of the locale, which ICU reads: a value of 157 characters, of characters beyond the first 65,536, or with
 * a long word in it (`/nonexistent`) ends any Node with SIGSEGV before it has answered. flatnet speaks one language.
 */
export const LOCALE_VARIABLES = ['LC_ALL', 'LC_MESSAGES', 'LANG'] as const;

const UNDERSCORE = Buffer.from('_');

/**
 * Makes a Node binary deaf to a variable: the first letter of its name becomes an underscore, wherever the name stands.
 * Length and syntax stay, so compiled code, embedded scripts and the start-up snapshot remain in step; Node has no switch
 * for this, and a program that starts itself again with a clean environment pays for two starts.
 *
 * @param text the name, with a NUL where it is so short that other words begin with it.
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

/** The patches that keep the caller's environment out. */
export const ENVIRONMENT_PATCHES: readonly Patch[] = [
  ...IGNORED_VARIABLES.map((name) => ignore(name)),
  ...LOCALE_VARIABLES.map((name) => ignore(name, `${name}\0`)),
];
