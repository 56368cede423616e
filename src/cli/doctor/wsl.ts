import type { Facts } from '../facts/facts.ts';
import type { Wsl } from '../facts/wsl.ts';
import { check, type Finding } from './finding.ts';
import { checkMode, checkMirroredMtu } from './wsl-mode.ts';
import { checkFirewall, checkLocalhost, checkRoute } from './wsl-windows.ts';

const SYSTEMD_REMEDY = `printf '[boot]\\nsystemd=true\\n' | sudo tee -a /etc/wsl.conf; then, in Windows: wsl --shutdown`;

/** Without systemd, nothing reads /etc/sysctl.d; the boot command or the kernel command line can set it instead. */
function setsForwarding(facts: Facts, wsl: Wsl): boolean {
  if (wsl.isForwardingInKernelLine) return true;
  if (/flatnet|ip_forward/.test(wsl.bootCommand ?? '')) return true;
  return wsl.isSystemdRunning && facts.isForwardingPersistent;
}

function checkRestart(facts: Facts, wsl: Wsl): Finding {
  const { pass, warning } = check('WSL', 'forwarding after restart');
  const effect = 'packet-filter rules are lost after "wsl --shutdown"';
  if (!wsl.isSystemdRunning && wsl.hasSystemd) {
    return warning('/etc/wsl.conf enables systemd, but it is not running', {
      effect,
      suggestion: 'in Windows: wsl --shutdown; if it still does not run: wsl --update',
    });
  }
  if (!wsl.isSystemdRunning && !(wsl.bootCommand ?? '').includes('flatnet')) {
    return warning('/etc/wsl.conf starts neither systemd nor flatnet at boot', {
      effect,
      suggestion: SYSTEMD_REMEDY,
    });
  }
  if (setsForwarding(facts, wsl)) return pass('forwarding is restored at boot');
  return wsl.isSystemdRunning
    ? warning('no file in /etc/sysctl.d sets net.ipv4.ip_forward', {
        effect: 'after "wsl --shutdown" Windows reaches no container until forwarding is enabled again',
        suggestion: 'sudo flatnet forwarding enable --persist',
      })
    : warning('nothing sets net.ipv4.ip_forward at boot: without systemd, /etc/sysctl.d is not read', {
        effect: 'after "wsl --shutdown" Windows reaches no container until the first one starts',
        suggestion:
          'add to "command=" under [boot] in /etc/wsl.conf: /usr/local/bin/flatnet forwarding enable; or in .wslconfig of Windows, under [wsl2]: kernelCommandLine=sysctl.net.ipv4.ip_forward=1',
      });
}

/** In hybrid mode, WSL mounts cgroup v1 beside v2, which crun and systemd 256 refuse. */
function checkCgroups({ cgroups }: Wsl): readonly Finding[] {
  if (cgroups !== 'v1') return [];
  return [
    check('WSL', 'control groups').warning('/sys/fs/cgroup is cgroup v1, or v1 and v2 mixed', {
      effect: 'crun cannot start containers with it, and systemd 256 and newer hang at boot',
      suggestion:
        'in .wslconfig of Windows, under [wsl2]: kernelCommandLine=cgroup_no_v1=all; then: wsl --shutdown',
    }),
  ];
}

export function checkWsl(facts: Facts): readonly Finding[] {
  const { wsl } = facts;
  if (wsl === undefined) return [];
  return [
    checkMode(wsl),
    checkRestart(facts, wsl),
    ...checkRoute(facts, wsl),
    ...checkLocalhost(facts, wsl),
    ...checkFirewall(facts, wsl),
    ...checkMirroredMtu(facts, wsl),
    ...checkCgroups(wsl),
  ];
}
