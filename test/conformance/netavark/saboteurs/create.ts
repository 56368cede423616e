import type { Saboteurs } from './saboteur.ts';

/** Of info and create. */
export const CREATE: Saboteurs = {
  'talks-before-info': { caught: ['INF-01'], script: 'on info; echo "here I am"; pass' },
  'numbers-its-version': { caught: ['INF-02'], script: `on info; edit 's/"version":"[^"]*"/"version":1/'` },
  'other-api': { caught: ['INF-03'], script: `on info; edit 's/"1\\.0\\.0"/"2.0.0"/'` },
  'info-makes-link': { caught: ['INF-04'], script: 'on info; ip link add mess0 type bridge; pass' },
  'talks-after-network': { caught: ['CRE-01'], script: 'on create; real; echo created' },
  'lowers-name': { caught: ['CRE-02'], script: `on create; edit 's/Net_1/net_1/'` },
  'quotes-flags': { caught: ['CRE-03'], script: `on create; edit 's/:true/:"true"/'` },
  'drops-labels': { caught: ['CRE-04'], script: `on create; edit 's/"labels":{[^}]*},//'` },
  'drops-unknown': { caught: ['CRE-05'], script: `on create; edit 's/"conformance_key":{[^}]*},//'` },
  'denies-ipv6': {
    caught: ['CRE-06'],
    script: `on create; edit 's/"ipv6_enabled":true/"ipv6_enabled":false/'`,
  },
  'widens-lease': { caught: ['CRE-11'], script: `on create; edit 's/10\\.211\\.0\\.20/10.211.0.2/'` },
  'forgets-named-gateway': { caught: ['CRE-12'], script: `on create; edit 's/,"gateway":"10\\.212[^"]*"//'` },
  'forgets-gateway': { caught: ['CRE-13'], script: `on create; edit 's/,"gateway":"10\\.87[^"]*"//'` },
  'chooses-no-ipv6': {
    caught: ['CRE-14'],
    script: `on create; ask 's/"ipv6_enabled":true/"ipv6_enabled":false/'`,
  },
  'blind-to-networks': {
    caught: ['CRE-15', 'CRE-16'],
    script: 'on create; rm -f /etc/containers/networks/*.json; pass',
  },
  'takes-any-network': {
    caught: ['CRE-17'],
    script: `on create; input=$(cat); result=$(printf %s "$input" | real) || result=$input; code=0; say`,
  },
  'creates-bridge': { caught: ['CRE-21'], script: 'on create; ip link add early0 type bridge; pass' },
  'warns-at-create': { caught: ['CRE-22'], script: 'on create; echo "no DNS" >&2; pass' },
};
