import { Link } from '@tanstack/react-router';
import { bySensitivity, type Report } from '../../api/report';
import { label, levelHue } from '../../catalog';
import { count, plural } from '../../format';
import { Empty, Panel } from '../../ui/Panel';

/** More columns or rows than this are read in the inventory, by its filters. */
const SERVICES_MAX = 7;
const CLASSES_MAX = 16;

type Side = 'request' | 'response';

/** Data classes by service and side: how many endpoints carry what. */
export function DataInMotion({ report }: { report: Report }) {
  const cells = new Map<string, number>();
  const perService = new Map<string, number>();
  const classes = new Set<string>();
  for (const { service, data_classes } of report.endpoints) {
    for (const side of ['request', 'response'] as const) {
      for (const name of data_classes[side]) {
        const key = `${name}\n${service}\n${side}`;
        cells.set(key, (cells.get(key) ?? 0) + 1);
        perService.set(service, (perService.get(service) ?? 0) + 1);
        classes.add(name);
      }
    }
  }
  const services = [...perService].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const shownServices = services.slice(0, SERVICES_MAX);
  const names = bySensitivity([...classes], report);
  const top = Math.max(1, ...cells.values());
  return (
    <Panel
      title="Data in motion"
      hint="How many endpoints receive (in requests) or return (in responses) each class of data. Most sensitive first."
      className="span-12"
      action={
        <Link to="/inventory" search={{ flag: ['sensitive'] }}>
          Endpoints that return sensitive data
        </Link>
      }
    >
      {names.length === 0 ? (
        <Empty>No data class was recognized in what these sources show.</Empty>
      ) : (
        <div className="scroll-x">
          <table className="matrix">
            <thead>
              <tr>
                <th scope="col" rowSpan={2}>
                  Class
                </th>
                {shownServices.map((service) => (
                  <th key={service} scope="colgroup" colSpan={2} title={service}>
                    <span>{service}</span>
                  </th>
                ))}
              </tr>
              <tr>
                {shownServices.map((service) => [
                  <th key={`${service} in`} scope="col">
                    In
                  </th>,
                  <th key={`${service} out`} scope="col">
                    Out
                  </th>,
                ])}
              </tr>
            </thead>
            <tbody>
              {names.slice(0, CLASSES_MAX).map((name) => (
                <tr key={name} className={`hue-${levelHue(report.levels.get(name) ?? '')}`}>
                  <th scope="row">
                    <Link to="/inventory" search={{ class: [name] }}>
                      {label(name)}
                    </Link>{' '}
                    <small>{label(report.levels.get(name) ?? '')}</small>
                  </th>
                  {shownServices.flatMap((service) =>
                    (['request', 'response'] as const).map((side) => (
                      <Cell
                        key={`${service} ${side}`}
                        {...{ name, service, side, top }}
                        value={cells.get(`${name}\n${service}\n${side}`) ?? 0}
                      />
                    )),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Rest services={services.length - shownServices.length} classes={names.length - CLASSES_MAX} />
    </Panel>
  );
}

function Cell({
  name,
  service,
  side,
  value,
  top,
}: {
  name: string;
  service: string;
  side: Side;
  value: number;
  top: number;
}) {
  if (value === 0) return <td className="none">·</td>;
  const what = `${label(name)} in ${side}s of ${service}: ${plural(value, 'endpoint')}`;
  return (
    <td style={{ '--heat': `${Math.round(30 + 70 * Math.sqrt(value / top))}%` } as React.CSSProperties}>
      <Link to="/inventory" search={{ class: [`${side}:${name}`], service: [service] }} title={what} aria-label={what}>
        {count(value)}
      </Link>
    </td>
  );
}

function Rest({ services, classes }: { services: number; classes: number }) {
  if (services <= 0 && classes <= 0) return null;
  const parts = [
    services > 0 && plural(services, 'more service'),
    classes > 0 && plural(classes, 'more class', 'more classes'),
  ];
  return <p className="muted small">{parts.filter(Boolean).join(' and ')} in the inventory.</p>;
}
