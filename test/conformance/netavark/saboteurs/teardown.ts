import type { Saboteurs } from './saboteur.ts';

/** Puts the id of the container into `$id`. */
const READ_ID = `input=$(cat); id=$(printf %s "$input" | sed -n 's/.*"container_id":"\\([0-9a-f]*\\)".*/\\1/p')`;

/** Of teardown, and of what a failed setup leaves. */
export const TEARDOWN: Saboteurs = {
  'leaves-a-link': { caught: ['TEA-01'], script: 'on teardown; inside ip link add left0 type bridge; pass' },
  'answers-teardown': { caught: ['TEA-03'], script: `on teardown; real; echo '{}'` },
  'warns-at-teardown': { caught: ['TEA-04'], script: 'on teardown; echo "all gone" >&2; pass' },
  'keeps-addresses': {
    caught: ['TEA-05', 'UND-03'],
    script: `on setup; input=$(cat); touch /run/given
asked=$(printf %s "$input" | sed -n 's/.*"static_ips":\\["\\([^"]*\\)".*/\\1/p')
[ -z "$asked" ] || ! grep -qx "$asked" /run/given || refuse "address in use"
result=$(printf %s "$input" | real); code=$?
printf '%s\\n' "$asked" >>/run/given
printf %s "$result" | grep -o '10\\.87\\.2\\.[0-9]*/' | tr -d / >>/run/given; say`,
  },
  'once-a-namespace': {
    caught: ['TEA-06'],
    script:
      'on setup; mark=/run/seen-${netns##*/}; [ ! -e $mark ] || refuse "seen before"; touch $mark; pass',
  },
  'takes-all': {
    caught: ['TEA-11'],
    script: `on teardown
for link in $(ip -o link show master flatnet-br1 | cut -d: -f2 | cut -d@ -f1); do ip link del $link; done; pass`,
  },
  'takes-eth0': { caught: ['TEA-12', 'TEA-13'], script: 'on teardown; inside ip link del eth0; pass' },
  'teardown-once': {
    caught: ['TEA-21', 'TEA-22', 'TEA-23'],
    script: 'on teardown; inside ip link show eth0 >/dev/null 2>&1 || refuse "no such link"; pass',
  },
  'needs-namespace': {
    caught: ['TEA-24'],
    script: 'on teardown; [ -e $netns ] || refuse "no namespace"; pass',
  },
  'knows-by-name': {
    caught: ['TEA-25'],
    script: `on teardown; input=$(cat)
case $input in *renamed*) exit 0 ;; esac; printf %s "$input" | real`,
  },
  'knows-it-already': {
    caught: ['TEA-26'],
    script: `on setup; ${READ_ID}
[ ! -e /run/id-$id ] || refuse "duplicate"; touch /run/id-$id; printf %s "$input" | real`,
  },
  'takes-namesake': {
    caught: ['TEA-27'],
    script: `on setup teardown
[ $word = teardown ] || { echo $netns >/run/last; pass; }
nsenter --net="$(cat /run/last)" ip link del eth0; pass`,
  },
  'serves-the-host': {
    caught: ['UND-08'],
    script: `on setup; case $netns in /proc/*) echo '{}'; exit 0 ;; esac; pass`,
  },
  'messy-failure': {
    caught: ['UND-01', 'UND-02', 'UND-04', 'UND-05', 'UND-06', 'UND-07', 'ERR-05'],
    script: 'on create setup; answer; [ $code = 0 ] || ip link add left$$ type bridge; say',
  },
  'takes-over': { caught: ['UND-01', 'UND-07'], script: 'on setup; inside ip link del eth0 2>&1; pass' },
};
