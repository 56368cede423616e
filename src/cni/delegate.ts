import { FlatnetError } from '../input/error.ts';
import { parseAddress, parseCidr } from '../input/address.ts';
import { isExecutableFile } from '../sys/process/tool.ts';
import { type Completed, describeEnd, runToEnd } from '../sys/process/run.ts';
import { writeStderr } from '../sys/process/stdout.ts';
import { parseRoutes } from './conf/routes.ts';
import { CniError, CODE } from './errors.ts';
import { type Fields, invalidValue, parseObject } from '../input/parse.ts';
import { parseResult } from './prev-result.ts';
import type { Request } from './request.ts';
import type { DelegatedIpam, Result } from './types.ts';

const TIMEOUT_MS = 15_000;

function findPlugin(ipam: DelegatedIpam, path: readonly string[]): string {
  const directory = path.find((candidate) => isExecutableFile(`${candidate}/${ipam.type}`));
  if (directory !== undefined) return `${directory}/${ipam.type}`;
  throw new FlatnetError('invalid', `Cannot find the IPAM plugin "${ipam.type}" in CNI_PATH`, {
    details: `looked in ${path.join(', ') || 'no directory: CNI_PATH is empty'}; install the plugin, or leave "ipam.type" out to use flatnet's own addresses`,
  });
}

/** The fields of the error document a plugin printed; none where it printed something else. */
function errorFields(stdout: string): Fields | undefined {
  try {
    return parseObject(stdout, 'the error');
  } catch {
    return undefined;
  }
}

function pluginError(ipam: DelegatedIpam, completed: Completed): FlatnetError {
  const fields = errorFields(completed.stdout);
  if (fields === undefined)
    return new FlatnetError('ipam', `IPAM plugin "${ipam.type}" ${describeEnd(completed)}`);
  const { code, msg, details } = fields;
  return new CniError(
    typeof code === 'number' && Number.isSafeInteger(code) && code > 0 ? code : CODE.ipam,
    `IPAM plugin "${ipam.type}" failed: ${typeof msg === 'string' ? msg : 'it gives no message'}`,
    { details: typeof details === 'string' && details !== '' ? details : undefined },
  );
}

/**
 * Calls the network's IPAM plugin as SPEC section 4 says: same environment, same stdin, and the verb; what it says
 * on stderr goes to ours.
 *
 * @param signal absent for DEL, which nothing interrupts.
 * @throws CniError with the plugin's own code and message.
 */
export async function delegate(
  request: Request,
  ipam: DelegatedIpam,
  { verb, signal }: { readonly verb: string; readonly signal?: AbortSignal },
): Promise<string> {
  const completed = await runToEnd({
    tool: findPlugin(ipam, request.args.path),
    args: [],
    input: request.conf.stdin,
    env: { ...request.env, CNI_COMMAND: verb },
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  if (completed.stderr !== '') writeStderr(completed.stderr);
  if (completed.exitCode !== 0) throw pluginError(ipam, completed);
  return completed.stdout;
}

/** The kernel gets numbers and bytes: what is no address would become another one. */
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
export async function delegateAdd(request: Request, ipam: DelegatedIpam): Promise<Result> {
  const stdout = await delegate(request, ipam, { verb: 'ADD', signal: request.signal });
  const where = `the result of IPAM plugin "${ipam.type}"`;
  const result = parseResult(parseObject(stdout, where), where);
  checkAddresses(result.ips, where);
  const routes = parseRoutes(result.routes, { list: 'routes', where });
  if (result.ips.length > 0) return { ...result, routes };
  throw new FlatnetError('ipam', `IPAM plugin "${ipam.type}" gave no address`, {
    details: 'its result has no "ips"; check the "ipam" section of the network configuration',
  });
}
