import { CREATE } from './create.ts';
import { ERRORS } from './errors.ts';
import { PORTS } from './ports.ts';
import type { Saboteurs } from './saboteur.ts';
import { SETUP } from './setup.ts';
import { TEARDOWN } from './teardown.ts';

/** Every saboteur, by its name; every case has one that it finds out. */
export const SABOTEURS: Saboteurs = { ...CREATE, ...SETUP, ...PORTS, ...TEARDOWN, ...ERRORS };
