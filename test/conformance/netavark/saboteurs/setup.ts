import type { Saboteurs } from './saboteur.ts';

const HOST_ENDS = 'ip -o link show master flatnet-br1 | cut -d: -f2 | cut -d@ -f1';

/** Of setup, and of what the user asks for. */
export const SETUP: Saboteurs = {
  'talks-after-status': { caught: ['SET-01'], script: 'on setup; real; echo done' },
  'names-no-mac': {
    caught: ['SET-02'],
    script: `on setup; edit 's/"mac_address":"[^"]*"/"mac_address":"none"/'`,
  },
  'warns-at-setup': { caught: ['SET-03'], script: 'on setup; echo "slow today" >&2; pass' },
  'wants-every-key': {
    caught: ['SET-04'],
    script: `on setup; input=$(cat)
case $input in *static_mac*) printf %s "$input" | real ;; *) refuse "missing field static_mac" ;; esac`,
  },
  'wants-known-keys': {
    caught: ['SET-05'],
    script: `on setup; input=$(cat)
case $input in *conformance_key*) refuse "unknown field" ;; *) printf %s "$input" | real ;; esac`,
  },
  'always-eth0': {
    caught: ['SET-11'],
    script: `on setup teardown; ask 's/"interface_name":"[^"]*"/"interface_name":"eth0"/'`,
  },
  'leaves-it-down': { caught: ['SET-17'], script: 'on setup; answer; inside ip link set eth0 down; say' },
  'another-mac': {
    caught: ['SET-12'],
    script: 'on setup; answer; inside ip link set eth0 address 02:00:00:00:00:99; say',
  },
  'hides-address': {
    caught: ['SET-13'],
    script: 'on setup; answer; inside ip address add 10.99.9.9/24 dev eth0; say',
  },
  'makes-a-second': {
    caught: ['SET-14'],
    script: 'on setup; answer; inside ip link add extra0 type bridge; say',
  },
  'far-gateway': {
    caught: ['SET-15'],
    script: `on setup; edit 's/"gateway":"10\\.87[^"]*"/"gateway":"203.0.113.1"/'`,
  },
  'knows-one-directory': {
    caught: ['SET-16'],
    script: 'on setup; case $netns in /proc/*) refuse "no namespace" ;; esac; pass',
  },
  'no-way-out': { caught: ['SET-21'], script: 'on setup; answer; inside ip route del default; say' },
  'dead-gateway': { caught: ['SET-22'], script: 'on setup; answer; ip link set flatnet-br1 down; say' },
  'same-address': {
    caught: ['SET-23'],
    script: `on setup; answer
given=$(printf %s "$result" | grep -o '10\\.87\\.2\\.[0-9]*/24' | head -n 1)
inside ip address del "$given" dev eth0
inside ip address add 10.87.2.200/24 dev eth0
result=$(printf %s "$result" | sed "s|$given|10.87.2.200/24|"); say`,
  },
  isolates: {
    caught: ['SET-24'],
    script: `on setup; answer
for link in $(${HOST_ENDS}); do ip link set dev $link type bridge_slave isolated on; done; say`,
  },
  'loses-ipv6': {
    caught: ['SET-25'],
    script: 'on setup; answer; inside ip -6 address flush dev eth0 scope global; say',
  },
  'one-network-a-container': {
    caught: ['SET-26', 'TEA-12'],
    script: `on setup; input=$(cat)
case $input in *'"eth1"'*) inside ip link del eth0 ;; esac; printf %s "$input" | real`,
  },
  'chooses-itself': {
    caught: ['ASK-01', 'ASK-04', 'ASK-05'],
    script: `on setup; ask 's/"static_ips":\\[[^]]*\\]/"static_ips":null/'`,
  },
  'first-address-only': {
    caught: ['ASK-02', 'ASK-03'],
    script: `on setup; ask 's/"static_ips":\\[\\("[0-9.]*"\\),[^]]*\\]/"static_ips":[\\1]/'`,
  },
  'own-mac': { caught: ['ASK-11'], script: `on setup; ask 's/"static_mac":"[^"]*"/"static_mac":null/'` },
  'forgets-metric': { caught: ['ASK-12'], script: `on setup; ask 's/"metric":77/"metric":null/'` },
  'opens-internal': { caught: ['ASK-13'], script: `on setup; ask 's/"internal":true/"internal":false/'` },
};
