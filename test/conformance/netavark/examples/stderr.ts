import { servePlugin } from './plugin.ts';

const say = (what: string): void => {
  process.stderr.write(`stderr ${what}\n`);
};

/** Does nothing, and says so on standard error, as netavark's example stderr-plugin. */
servePlugin({
  create(network) {
    say('create');
    return network;
  },
  setup() {
    say('setup');
    return { dns_server_ips: null, dns_search_domains: null, interfaces: null };
  },
  teardown() {
    say('teardown');
  },
});
