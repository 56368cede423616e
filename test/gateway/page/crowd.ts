import type { Spec } from '../sample.ts';

/** As many services as one host will ever have. */
export function crowd(count: number): readonly Spec[] {
  const groups = ['Development', 'Operations', 'Office'];
  return Array.from({ length: count }, (_, index) => ({
    name: `service-${index + 1}`,
    title: `Service ${index + 1}`,
    group: groups[index % 3]!,
    port: 3_000 + index,
    description: 'Something that a team needs every day',
    state: index % 6 === 3 ? 'starting' : index % 6 === 5 ? 'stopped' : 'ready',
  }));
}
