import type { Io } from '../io.ts';
import { printable } from '../../input/printable.ts';
import { styleFor } from '../text/style.ts';
import type { Choice } from './choose.ts';
import type { Step } from './install.ts';

export function renderSteps(steps: readonly Step[], io: Io): string {
  const style = styleFor(io.color);
  const words = {
    written: style.good('written  '),
    kept: style.notable('kept     '),
    unchanged: style.dim('unchanged'),
  };
  return steps
    .map(
      ({ path, outcome, note }) =>
        `${words[outcome]}  ${printable(path)}${note === undefined ? '' : `\n           ${style.dim(printable(note))}`}\n`,
    )
    .join('');
}

/** What it was installed as, and why. */
export function describeChoice({ backend, why }: Choice): string {
  const what = backend === 'cni' ? 'Installed as a plugin of CNI' : 'Installed as a driver of netavark';
  return printable(`${what}: ${why}.`);
}
