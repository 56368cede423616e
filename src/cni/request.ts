import type { CallContext } from '../attachment/context.ts';
import { explainInLine } from '../attachment/explain.ts';
import { jobOf } from '../attachment/spec.ts';
import { quote } from '../input/quote.ts';
import { type Environment, parseArgs } from './args.ts';
import { parseForRemoval, parseNetConf } from './conf/conf.ts';
import { type Envelope } from './conf/envelope.ts';
import { CniError, CODE } from './errors.ts';
import type { CniRequest } from './types.ts';
import type { Verb } from './verb.ts';
import { compareVersions } from './version.ts';

/** An unchecked call: environment, and the envelope or the error that prevented one. */
export interface Sent {
  readonly env: Environment;
  readonly envelope: Envelope | undefined;
  readonly problem: unknown;
}

function checkVersion({ name, since }: Verb, { cniVersion }: Envelope): void {
  if (compareVersions(cniVersion, since) >= 0) return;
  throw new CniError(CODE.incompatibleVersion, `CNI version ${cniVersion} has no ${name}`, {
    details: `${name} came with ${since}; the network configuration says "cniVersion": "${cniVersion}"`,
  });
}

/**
 * Checks the environment before the configuration, as the reference skeleton does.
 * @throws FlatnetError
 */
export function buildRequest(
  verb: Verb,
  { env, envelope, problem }: Sent,
  ctx: CallContext,
): Omit<CniRequest, 'deliver'> {
  const tolerate = (error: unknown) => {
    ctx.trace.warnings.push(explainInLine(error, { kind: 'internal', doing: `run ${quote(verb.name)}` }));
  };
  const args = parseArgs(env, verb.required, verb.isTolerant ? tolerate : undefined);
  if (envelope === undefined) throw problem;
  checkVersion(verb, envelope);
  const conf = verb.isTolerant ? parseForRemoval(envelope, args, tolerate) : parseNetConf(envelope, args);
  const { containerName } = conf.attachment;
  if (containerName !== undefined) ctx.trace.facts['containerName'] = containerName;
  return { conf, job: jobOf(conf.network, conf.attachment, ctx) };
}
