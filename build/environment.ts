/**
 * Environment variables that Node and the libraries in it obey before the first line of a program runs, besides
 * NODE_OPTIONS, which the single-executable configuration switches off. The plugin runs as root with whatever
 * environment its caller has; left alone, these let a developer's shell stop it from starting
 * (NODE_REPL_EXTERNAL_MODULE, NODE_CHANNEL_FD, NODE_USE_ENV_PROXY, SIMD*_FORCE_IMPLEMENTATION), write files
 * (NODE_V8_COVERAGE, NODE_COMPILE_CACHE) or load them (the rest). What is asked for can be seen with a `getenv` of one's
 * own in LD_PRELOAD. UV_THREADPOOL_SIZE stays: it does no harm, and the fault tests count the calls of one thread.
 */
export const IGNORED_VARIABLES = [
  'ICU_TIMEZONE_FILES_DIR',
  'NODE_CHANNEL_FD',
  'NODE_COMPILE_CACHE',
  'NODE_DEBUG',
  'NODE_EXTRA_CA_CERTS',
  'NODE_ICU_DATA',
  'NODE_NO_WARNINGS',
  'NODE_PATH',
  'NODE_PENDING_DEPRECATION',
  'NODE_PRESERVE_SYMLINKS',
  'NODE_REDIRECT_WARNINGS',
  'NODE_REPL_EXTERNAL_MODULE',
  'NODE_TEST_CONTEXT',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_UNIQUE_ID',
  'NODE_USE_ENV_PROXY',
  'NODE_USE_SYSTEM_CA',
  'NODE_V8_COVERAGE',
  'OPENSSL_CONF',
  'OPENSSL_ENGINES',
  'OPENSSL_MODULES',
  'SIMDJSON_FORCE_IMPLEMENTATION',
  'SIMDUTF_FORCE_IMPLEMENTATION',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
  'WATCH_REPORT_DEPENDENCIES',
] as const;

/**
 * The variables of the locale, which ICU reads: a value of 157 characters, or of characters beyond the first 65,536,
 * ends any Node with SIGSEGV before it has answered. flatnet speaks one language.
 */
export const LOCALE_VARIABLES = ['LC_ALL', 'LC_MESSAGES', 'LANG'] as const;

const UNDERSCORE = '_'.charCodeAt(0);

/**
 * Makes a Node binary deaf to the variables above: the first letter of each name becomes an underscore, wherever the
 * name stands; those of the locale, which are short, only where a text of the compiled code ends with them. Length and syntax stay, so compiled code, embedded scripts and the start-up snapshot remain in step;
 * Node has no switch for this, and a program that starts itself again with a clean environment pays for two starts.
 *
 * @throws Error when a name is not there: this release of Node dropped or respelled it, and the list must follow.
 */
export function ignoreVariables(binary: Buffer): void {
  for (const name of IGNORED_VARIABLES) rename(binary, name, name);
  for (const name of LOCALE_VARIABLES) rename(binary, name, `${name}\0`);
}

function rename(binary: Buffer, name: string, pattern: string): void {
  let at = binary.indexOf(pattern);
  if (at === -1) {
    throw new Error(`Cannot make Node ignore ${name}: the name is not in the binary`);
  }
  for (; at !== -1; at = binary.indexOf(pattern, at + 1)) {
    binary[at] = UNDERSCORE;
  }
}
