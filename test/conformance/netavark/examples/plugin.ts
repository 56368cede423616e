import { readFileSync } from 'node:fs';

export type Fields = Readonly<Record<string, any>>;

/** What a driver does for each command; an error that is thrown becomes `{"error": ...}` and exit code 1. */
export interface Commands {
  create(network: Fields): Fields;
  setup(netns: string, request: Fields): Fields;
  teardown(netns: string, request: Fields): void;
}

const INFO = { version: '0.1.0-dev', api_version: '1.0.0' };

/** Keys that a request has to have (plugin-API.md: whatever is no `Option<T>`). */
const NETWORK = ['name', 'id', 'driver', 'internal', 'ipv6_enabled', 'dns_enabled'];
const REQUEST = ['container_id', 'container_name', 'network', 'network_options'];

function read(required: readonly string[]): Fields {
  const request = JSON.parse(readFileSync(0, 'utf8')) as Fields;
  const missing = required.find((key) => request[key] === undefined);
  if (missing !== undefined) throw new Error(`missing field ${missing}`);
  return request;
}

function answer([word, netns]: readonly string[], commands: Commands): Fields | undefined {
  if (word === undefined || word === 'info') return INFO;
  if (word === 'create') return commands.create(read(NETWORK));
  if (word !== 'setup' && word !== 'teardown') throw new Error(`unknown subcommand: ${word}`);
  if (netns === undefined) throw new Error('netns path argument is missing');
  if (word === 'setup') return commands.setup(netns, read(REQUEST));
  commands.teardown(netns, read(REQUEST));
  return undefined;
}

/** Serves one call as the documentation of netavark's plugin API says. */
export function servePlugin(commands: Commands): void {
  try {
    const answered = answer(process.argv.slice(2), commands);
    if (answered !== undefined) process.stdout.write(JSON.stringify(answered));
  } catch (cause) {
    process.stdout.write(JSON.stringify({ error: cause instanceof Error ? cause.message : String(cause) }));
    process.exitCode = 1;
  }
}
