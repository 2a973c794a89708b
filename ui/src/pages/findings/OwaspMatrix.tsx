import { Link } from '@tanstack/react-router';
import type { Finding } from '../../api/results';
import { OWASP, SEVERITIES } from '../../catalog';
import { count } from '../../format';
import { Panel } from '../../ui/Panel';
import { SeverityMark } from '../../ui/Severity';

/** Findings against the OWASP API Security Top 10. */
export function OwaspMatrix({ findings }: { findings: Finding[] }) {
  const counts = new Map<string, number>();
  for (const { owasp, severity } of findings) {
    for (const id of owasp) counts.set(`${id} ${severity}`, (counts.get(`${id} ${severity}`) ?? 0) + 1);
  }
  return (
    <Panel
      title="OWASP API Security Top 10 (2023)"
      hint="Findings by risk and severity. An empty row means that this traffic showed none, not that there is none: some risks show only at run time or against a specification."
    >
      <div className="scroll-x">
        <table className="matrix owasp">
          <thead>
            <tr>
              <th scope="col">Risk</th>
              {SEVERITIES.map((level) => (
                <th key={level} scope="col" className={`sev-${level}`}>
                  <SeverityMark level={level} /> {level}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {OWASP.map(({ id, name }) => (
              <tr key={id}>
                <th scope="row">
                  <small>{id.replace(':2023', '')}</small>{' '}
                  <Link to="/findings" search={{ owasp: [id] }}>
                    {name}
                  </Link>
                </th>
                {SEVERITIES.map((level) => {
                  const value = counts.get(`${id} ${level}`) ?? 0;
                  return value === 0 ? (
                    <td key={level} className="none">
                      ·
                    </td>
                  ) : (
                    <td key={level} className={`sev-${level}`}>
                      <Link
                        to="/findings"
                        search={{ owasp: [id], severity: [level] }}
                        aria-label={`${name}, ${level}: ${value}`}
                      >
                        {count(value)}
                      </Link>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
