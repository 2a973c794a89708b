import { count } from '../format';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Exchanges by hour of the week, Monday midnight first. */
export function HeatMap({ hours }: { hours: number[] }) {
  const top = Math.max(1, ...hours);
  return (
    <table className="heatmap">
      <caption className="sr">Exchanges by day and hour, UTC</caption>
      <thead>
        <tr>
          <td />
          {HOURS.map((hour) => (
            <th key={hour} scope="col">
              {hour % 3 === 0 ? String(hour).padStart(2, '0') : <span className="sr">{hour}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {DAYS.map((name, day) => (
          <tr key={name}>
            <th scope="row" aria-label={name}>
              {name.slice(0, 3)}
            </th>
            {HOURS.map((hour) => {
              const value = hours[day * 24 + hour] ?? 0;
              return (
                <td
                  key={hour}
                  title={`${name} ${String(hour).padStart(2, '0')}:00 UTC: ${count(value)} exchanges`}
                  style={{ '--heat': `${Math.round(Math.sqrt(value / top) * 100)}%` } as React.CSSProperties}
                >
                  <span className="sr">{count(value)}</span>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
