import { OWN_MARK } from '../forwarding/persist.ts';

/** logrotate(8): the plugin opens its log anew for every line, so a plain rename is enough. */
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
