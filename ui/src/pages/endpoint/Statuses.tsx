import type { Endpoint } from '../../api/results';
import { compact, ratio } from '../../format';
import { Bars } from '../../ui/Bars';
import { Panel } from '../../ui/Panel';

const NAMES: Record<string, string> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No content',
  206: 'Partial',
  301: 'Moved',
  302: 'Found',
  304: 'Not modified',
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Not allowed',
  409: 'Conflict',
  422: 'Unprocessable',
  429: 'Too many',
  500: 'Server error',
  502: 'Bad gateway',
  503: 'Unavailable',
  504: 'Timed out',
};

const COLOR: Record<string, string> = { 4: 'var(--sev-medium)', 5: 'var(--sev-high)', 3: 'var(--series-3)' };

export function Statuses({ endpoint }: { endpoint: Endpoint }) {
  const bars = Object.entries(endpoint.statuses).map(([status, value]) => ({
    key: status,
    label: (
      <>
        <b>{status}</b> <span className="muted">{NAMES[status] ?? ''}</span>
      </>
    ),
    value,
    text: `${compact(value)} · ${ratio(value, endpoint.exchanges)}`,
    color: COLOR[status.charAt(0)] ?? 'var(--accent-fill)',
  }));
  return (
    <Panel title="Statuses" className="span-4">
      <Bars bars={bars} name="Exchanges by status" />
    </Panel>
  );
}
