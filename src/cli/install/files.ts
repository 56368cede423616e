import { OWN_MARK } from '../forwarding/persist.ts';

/** Needs no postrotate, see logrotate(8): the plugin opens its log for each line. */
export function logrotateText(log: string): string {
  return `${OWN_MARK}
${log} {
	weekly
	maxsize 10M
	rotate 8
	missingok
	notifempty
	compress
	delaycompress
	create 0640 root root
}
`;
}
