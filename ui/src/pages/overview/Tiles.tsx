import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Report, visible } from '../../api/report';
import { SEVERITIES } from '../../catalog';
import { narrow } from '../../facets';
import { compact, count } from '../../format';
import { SeverityMark } from '../../ui/Severity';

/** The headline numbers. */
export function Tiles({ report }: { report: Report }) {
  const much = (choice: Parameters<typeof narrow>[1]) => narrow(report, choice, '').length;
  const { stats } = report;
  const seen = visible(report);
  const failed = (stats.statuses['4xx'] ?? 0) + (stats.statuses['5xx'] ?? 0);
  return (
    <ul className="tiles" aria-label="Key numbers">
      <Tile to="/findings" value={count(report.openFindings.length)} label="Findings">
        <span className="severity-counts">
          {SEVERITIES.map((level) => {
            const many = report.openFindings.filter((finding) => finding.severity === level).length;
            return many === 0 ? null : (
              <Link key={level} to="/findings" search={{ severity: [level] }} title={`${many} ${level}`}>
                <SeverityMark level={level} />
                {count(many)}
                <span className="sr"> {level}</span>
              </Link>
            );
          })}
        </span>
      </Tile>
      <Tile
        to="/inventory"
        search={{ exposure: ['public'], kind: ['api'] }}
        value={count(much({ exposure: ['public'], kind: ['api'] }))}
        label="Public API endpoints"
      >
        of {count(much({ kind: ['api'] }))} in all
      </Tile>
      <Tile
        to="/inventory"
        search={{ flag: ['sensitive'] }}
        value={seen.responses ? count(much({ flag: ['sensitive'] })) : '–'}
        label="Return sensitive data"
      >
        {seen.responses
          ? `${count(Object.keys(stats.data_classes).length)} data classes in motion`
          : 'bodies are not visible here'}
      </Tile>
      <Tile
        to="/inventory"
        search={{ auth: ['none'], kind: ['api'] }}
        value={seen.credentials ? count(much({ auth: ['none'], kind: ['api'] })) : '–'}
        label="Need no credential"
      >
        {seen.credentials
          ? `${count(much({ flag: ['mixed'] }))} take more than one kind`
          : 'credentials are not visible here'}
      </Tile>
      <Tile to="/inventory" search={{ sort: '-exchanges' }} value={compact(stats.exchanges)} label="Exchanges">
        {compact(failed)} with errors
      </Tile>
      {report.restricted ? (
        <Tile to="/inventory" search={{}} value={count(report.services.length)} label="Services">
          that you own
        </Tile>
      ) : (
        <Tile to="/actors" search={{}} value={compact(stats.actors)} label="Actors">
          {count(report.counts.actors)} most active listed
        </Tile>
      )}
    </ul>
  );
}

interface Props {
  to: LinkProps['to'];
  search?: LinkProps['search'];
  value: string;
  label: string;
  children: ReactNode;
}

function Tile({ to, search, value, label, children }: Props) {
  return (
    <li className="tile">
      <Link to={to} search={search} className="tile-link">
        <b>{value}</b>
        <span>{label}</span>
      </Link>
      <small>{children}</small>
    </li>
  );
}
