import { OWN_MARK } from '../forwarding/persist.ts';

export const DAEMON_UNIT = 'flatnetd.service';

/**
 * nginx is a process of its own that outlives flatnetd (`KillMode=process`): while flatnetd is restarted or broken, traffic goes
 * on with the last good configuration. Nothing that gives it mounts of its own: it asks Podman, whose storage is mounted here.
 */
export function daemonUnit(daemon: string): string {
  return `${OWN_MARK}
[Unit]
Description=Gateway of flatnet
After=network-online.target flatnet.service
Wants=network-online.target

[Service]
ExecStart=${daemon}
ExecReload=/bin/kill -HUP $MAINPID
KillMode=process
Restart=always
RestartSec=2
RuntimeDirectory=flatnetd
RuntimeDirectoryPreserve=yes
NoNewPrivileges=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`;
}

/** nginx writes on into a file that was renamed, until USR1 has it open the new one (nginx(8)). */
export function nginxLogrotateText(): string {
  return `${OWN_MARK}
/var/log/flatnet/nginx/*.log {
	daily
	maxsize 50M
	rotate 7
	missingok
	notifempty
	compress
	delaycompress
	sharedscripts
	postrotate
		[ ! -s /run/flatnetd/nginx/nginx.pid ] || kill -USR1 "$(cat /run/flatnetd/nginx/nginx.pid)"
	endscript
}
`;
}
