import { type ExecOptions, PLAIN_ENVIRONMENT } from '../../conformance/exec.ts';
import type { Host } from '../../conformance/host.ts';

/** True in a run of the tests in which flatnet calls programs instead of netlink: `FLATNET_APPLY=ip npx vitest run`. */
export const isPlainWay = process.env['FLATNET_APPLY'] === 'ip';

/**
 * For `skipIf`: a test that says nothing of that way.
 *
 * @param why completes "has no meaning where programs are run, because ...".
 */
export function isPointless(why: string): boolean {
  return isPlainWay && why !== '';
}

function plainly({ env = PLAIN_ENVIRONMENT, ...options }: ExecOptions = {}): ExecOptions {
  return { ...options, env: { FLATNET_APPLY: 'ip', ...env } };
}

/** The host, with the variable in the environment of every command that is run in it. */
export function byPrograms(host: Host): Host {
  return {
    ...host,
    exec: (argv, options) => host.exec(argv, plainly(options)),
    start: (argv, options) => host.start(argv, plainly(options)),
    run: (argv, options) => host.run(argv, plainly(options)),
  };
}
