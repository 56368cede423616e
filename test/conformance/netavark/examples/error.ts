import { servePlugin } from './plugin.ts';

const fail = (what: string) => (): never => {
  throw new Error(`${what} error`);
};

/** Fails at everything, as netavark's example error-plugin. */
servePlugin({ create: fail('create'), setup: fail('setup'), teardown: fail('teardown') });
