import { Link } from '@tanstack/react-router';
import type { Report } from '../../api/report';
import { compact, ratio } from '../../format';
import { Stack } from '../../ui/Bars';
import { Panel } from '../../ui/Panel';

const STATUS: readonly [group: string, means: string, color: string][] = [
  ['1xx', 'Informational', 'var(--faint)'],
  ['2xx', 'Success', 'var(--accent-fill)'],
  ['3xx', 'Redirect', 'var(--series-3)'],
  ['4xx', 'Client error', 'var(--sev-medium)'],
  ['5xx', 'Server error', 'var(--sev-high)'],
];
const METHODS = [
  'var(--accent-fill)',
  'var(--series-2)',
  'var(--series-3)',
  'var(--series-4)',
  'var(--faint)',
  'var(--faint)',
];

/** Exchanges by outcome and by method. */
export function Mix({ report }: { report: Report }) {
  const { statuses, methods, exchanges } = report.stats;
  const text = (value: number) => `${compact(value)} · ${ratio(value, exchanges)}`;
  return (
    <Panel title="Outcomes and methods" hint="Of all exchanges." className="span-5">
      <Stack
        name="Exchanges by status"
        parts={STATUS.map(([group, means, color]) => ({
          key: group,
          label: `${group} ${means}`,
          value: statuses[group] ?? 0,
          text: text(statuses[group] ?? 0),
          color,
        }))}
      />
      <Stack
        name="Exchanges by method"
        parts={Object.entries(methods)
          .sort((a, b) => b[1] - a[1])
          .map(([method, value], rank) => ({
            key: method,
            label: (
              <Link to="/inventory" search={{ method: [method] }}>
                {method}
              </Link>
            ),
            value,
            text: text(value),
            color: METHODS[Math.min(rank, METHODS.length - 1)] ?? 'var(--faint)',
          }))}
      />
    </Panel>
  );
}
