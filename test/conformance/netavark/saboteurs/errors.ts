import type { Saboteurs } from './saboteur.ts';

const LOCKED = `mkdir /run/busy 2>/dev/null || refuse "busy"; answer; rmdir /run/busy; say`;

/** Of errors, of several calls at once, and of time. */
export const ERRORS: Saboteurs = {
  'fails-with-zero': { caught: ['ERR-01'], script: 'on create setup teardown; answer; code=0; say' },
  'errors-on-stderr': {
    caught: ['ERR-02'],
    script: 'on create setup teardown; answer; [ $code = 0 ] && say; echo "$result" >&2; exit 1',
  },
  'own-exit-code': {
    caught: ['ERR-03'],
    script: 'on create setup teardown; answer; code=$((code * 2)); say',
  },
  'long-errors': { caught: ['ERR-04'], script: `on create setup teardown; edit 's/"error":"/&first\\\\n/'` },
  'invents-namespace': {
    caught: ['ERR-11'],
    script: 'on setup; [ -n "$netns" ] || netns=$(echo /run/netns/sandbox*); pass',
  },
  'names-nothing': { caught: ['ERR-12'], script: `on setup; edit 's/absent/there/g'` },
  'invents-container': {
    caught: ['ERR-13'],
    script: `on setup; input=$(cat)
case $input in *container_id*) ;; *) input='{"container_id":"invented",'\${input#?} ;; esac
printf %s "$input" | real`,
  },
  'invents-name': {
    caught: ['ERR-14'],
    script: `on create; input=$(cat)
case $input in *'"name"'*) ;; *) input='{"name":"invented",'\${input#?} ;; esac; printf %s "$input" | real`,
  },
  'knows-every-command': { caught: ['ERR-15'], script: '[ $word != conformance ] || exit 0; pass' },
  'leaves-process': { caught: ['CON-12'], script: 'on setup; sleep 60 >/dev/null 2>&1 & pass' },
  'one-at-a-time': { caught: ['CON-01', 'CON-02', 'CON-21'], script: `on setup teardown; ${LOCKED}` },
  'holds-output': { caught: ['CON-11'], script: 'on setup; sleep 30 & pass' },
  'takes-its-time': { caught: ['CON-13'], script: 'on setup; sleep 10.1; pass' },
  scaffolding: {
    caught: ['CON-22'],
    script: 'on setup; ip link add scaffold$$ type bridge; answer; ip link del scaffold$$; say',
  },
};
