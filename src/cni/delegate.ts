import { FlatnetError } from '../input/error.ts';
import { parseAddress, parseCidr } from '../input/address.ts';
import { isExecutableFile } from '../sys/process/tool.ts';
import { type Completed, describeEnd, runToEnd } from '../sys/process/run.ts';
import { writeStderr } from '../sys/process/stdout.ts';
import { parseRoutes } from '../attachment/parse-routes.ts';
import { CniError, CODE } from './errors.ts';
import { type Fields, invalidValue, parseObject } from '../input/parse.ts';
import { parseResult } from './prev-result.ts';
import type { SourcedAddresses, SourceIpam } from '../attachment/spec.ts';
import type { Context } from '../sys/context.ts';
import type { Environment } from './args.ts';
import type { Result } from './types.ts';

const TIMEOUT_MS = 15_000;

/** A call to an IPAM plugin: its type, and what it inherits of our call. */
export interface Delegation {
  readonly type: string;
  /** Directories of CNI_PATH. */
  readonly path: readonly string[];
  readonly env: Environment;
  /** Our request, verbatim. */
  readonly stdin: string;
}

function findPlugin({ type, path }: Delegation): string {
  const directory = path.find((candidate) => isExecutableFile(`${candidate}/${type}`));
  if (directory !== undefined) return `${directory}/${type}`;
  throw new FlatnetError('invalid', `Cannot find the IPAM plugin "${type}" in CNI_PATH`, {
    details: `looked in ${path.join(', ') || 'no directory: CNI_PATH is empty'}; install the plugin, or leave "ipam.type" out to use flatnet's own addresses`,
  });
}

/** The error document that a plugin printed; `undefined` if its output is anything else. */
function errorFields(stdout: string): Fields | undefined {
  try {
    return parseObject(stdout, 'the error');
  } catch {
    return undefined;
  }
}

function pluginError({ type }: Delegation, completed: Completed): FlatnetError {
  const fields = errorFields(completed.stdout);
  if (fields === undefined)
    return new FlatnetError('ipam', `IPAM plugin "${type}" ${describeEnd(completed)}`);
  const { code, msg, details } = fields;
  return new CniError(
    typeof code === 'number' && Number.isSafeInteger(code) && code > 0 ? code : CODE.ipam,
    `IPAM plugin "${type}" failed: ${typeof msg === 'string' ? msg : 'it gave no message'}`,
    { details: typeof details === 'string' && details !== '' ? details : undefined },
  );
}

/**
 * Calls an IPAM plugin by SPEC section 4: same environment and stdin, plus the verb; its stderr is passed on.
 * @throws CniError with the plugin's code and message.
 */
async function delegate(delegation: Delegation, verb: string, ctx: Context): Promise<string> {
  const completed = await runToEnd(
    {
      tool: findPlugin(delegation),
      args: [],
      input: delegation.stdin,
      env: { ...delegation.env, CNI_COMMAND: verb },
      timeoutMs: TIMEOUT_MS,
    },
    ctx,
  );
  if (completed.stderr !== '') writeStderr(completed.stderr);
  if (completed.exitCode !== 0) throw pluginError(delegation, completed);
  return completed.stdout;
}

/** The kernel gets binary addresses: a malformed one would become a different one. */
function checkAddresses(ips: Result['ips'], where: string): void {
  for (const [index, { address, gateway }] of ips.entries()) {
    const cidr = parseCidr(address);
    if (cidr === undefined) {
      const expected = 'an address with its prefix, such as "10.87.1.2/24"';
      throw invalidValue(`ips[${index}].address`, address, { expected, where });
    }
    if (gateway !== undefined && parseAddress(gateway)?.family !== cidr.family) {
      const expected = `an IPv${cidr.family} address`;
      throw invalidValue(`ips[${index}].gateway`, gateway, { expected, where });
    }
  }
}

/** ADD of the IPAM plugin: its addresses, routes and resolver settings. */
async function delegateAdd(delegation: Delegation, ctx: Context): Promise<SourcedAddresses> {
  const { type } = delegation;
  const stdout = await delegate(delegation, 'ADD', ctx);
  const where = `the result of IPAM plugin "${type}"`;
  const result = parseResult(parseObject(stdout, where), where);
  checkAddresses(result.ips, where);
  const routes = parseRoutes(result.routes, { list: 'routes', where });
  if (result.ips.length > 0) return { ips: result.ips, routes, dns: result.dns };
  throw new FlatnetError('ipam', `IPAM plugin "${type}" gave no address`, {
    details: 'its result has no "ips"; check the "ipam" section of the network configuration',
  });
}

/** IPAM by another plugin, found in CNI_PATH (SPEC section 4, "Plugin Delegation"). */
export function delegatedIpam(delegation: Delegation): SourceIpam {
  const call = async (verb: string, ctx: Context): Promise<void> => {
    await delegate(delegation, verb, ctx);
  };
  return {
    from: 'source',
    type: delegation.type,
    name: `IPAM plugin "${delegation.type}"`,
    allocate: (ctx) => delegateAdd(delegation, ctx),
    release: (ctx) => call('DEL', ctx),
    check: (ctx) => call('CHECK', ctx),
    collect: (ctx) => call('GC', ctx),
    ready: (ctx) => call('STATUS', ctx),
  };
}
