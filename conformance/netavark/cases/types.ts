import type { Case, Family } from '../../case.ts';
import type { DriverBench } from '../bench.ts';
import type { Driver } from '../driver.ts';

export type DriverCase = Case<DriverBench, Driver>;
export type DriverFamily = Family<DriverBench, Driver>;
