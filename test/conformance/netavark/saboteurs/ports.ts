import type { Saboteurs } from './saboteur.ts';

/** Of published ports. */
export const PORTS: Saboteurs = {
  'publishes-nothing': {
    caught: ['PRT-01'],
    script: `on setup; ask 's/"port_mappings":\\[[^]]*\\]/"port_mappings":null/'`,
  },
  'tcp-only': { caught: ['PRT-02'], script: `on setup; ask 's/"protocol":"udp"/"protocol":"tcp"/'` },
  'first-port-only': { caught: ['PRT-03'], script: `on setup; ask 's/"range":3/"range":1/'` },
  'first-protocol-only': {
    caught: ['PRT-04'],
    script: `on setup; ask 's/"protocol":"tcp,udp"/"protocol":"tcp"/'`,
  },
  'wants-protocol': {
    caught: ['PRT-05'],
    script: `on setup; input=$(cat)
case $input in *'"protocol":""'*) refuse "unknown protocol" ;; esac; printf %s "$input" | real`,
  },
  'publishes-everywhere': { caught: ['PRT-06'], script: `on setup; ask 's/"host_ip":"[^"]*"/"host_ip":""/'` },
  'not-for-the-host': {
    caught: ['PRT-07'],
    script: `on setup; nft -f - <<RULES
table ip sabotage {
  chain output { type filter hook output priority -200; tcp dport 18080 drop; }
}
RULES
pass`,
  },
  'leaks-table': { caught: ['PRT-08', 'TEA-02'], script: 'on setup; nft add table ip leak$$; pass' },
  'one-network-a-port': {
    caught: ['PRT-09'],
    script: `on setup; input=$(cat)
case $input in *host_port*eth1*) refuse "port in use" ;; esac; printf %s "$input" | real`,
  },
  'takes-any-port': {
    caught: ['PRT-10'],
    script: `on setup; input=$(cat); result=$(printf %s "$input" | real); code=$?
[ $code = 0 ] && say
printf %s "$input" | sed 's/"port_mappings":\\[[^]]*\\]/"port_mappings":null/' | real`,
  },
};
