import type { Report } from '../api/report';
import type { Source } from '../api/results';
import { useReport } from '../api/source';
import { label } from '../catalog';
import { bytes, compact, count, plural, ratio, sentence, span } from '../format';
import { Bars, Stack } from '../ui/Bars';
import { useExtras } from '../ui/extras';
import { Panel } from '../ui/Panel';
import { Prose } from '../ui/Prose';
import { BlindSpots } from './overview/Sources';
import { CaptureFacts } from './sources/Capture';
import { Ownership } from './sources/Ownership';
import { SourceQuality } from './sources/SourceQuality';

/** What was read, as which format and why, and what could not be read. */
export function Sources() {
  const report = useReport();
  const { SourcesTop } = useExtras();
  const anomalies = Object.entries(report.stats.anomalies).sort((a, b) => b[1] - a[1]);
  return (
    <div className="page">
      <header className="page-head">
        <h1>Sources</h1>
        <p className="muted">
          {plural(report.sources.length, 'source')}, {bytes(report.stats.bytes)}
          {report.stats.elapsed_secs ? `, read in ${Number(report.stats.elapsed_secs.toPrecision(3))} s` : ''}
        </p>
      </header>
      {SourcesTop && <SourcesTop />}
      {report.sources.map((source, at) => (
        <SourceCard key={at} source={source} report={report} />
      ))}
      <div className="grid">
        <Ownership report={report} />
        <BlindSpots report={report} />
        <Panel title="Anomalies" hint="Oddities met while reading. They are evidence, not failures." className="span-5">
          {anomalies.length === 0 ? (
            <p className="muted">None.</p>
          ) : (
            <Bars
              name="Anomalies"
              bars={anomalies.map(([kind, value]) => ({ key: kind, label: label(kind), value, text: compact(value) }))}
            />
          )}
        </Panel>
      </div>
    </div>
  );
}

function SourceCard({ source, report }: { source: Source; report: Report }) {
  const other = Math.max(0, source.records - source.exchanges - source.unreadable);
  return (
    <section className="panel source" aria-label={source.name}>
      <div className="panel-head">
        <h2>
          <code>{source.name}</code>
        </h2>
        <span className={`chip tag ${source.format === 'unknown' ? 'caution' : ''}`}>
          {source.format}
          {source.compression && ` · ${source.compression}`}
        </span>
      </div>
      <p>
        <Prose text={sentence(source.format_reason)} />
      </p>
      {source.records > 0 && (
        <>
          <p className="muted small">
            {plural(source.records, 'record')} · {bytes(source.bytes)} · {span(source.first_seen, source.last_seen)}
          </p>
          <Stack
            name="Records of this source"
            parts={[
              {
                key: 'read',
                label: 'Exchanges',
                value: source.exchanges,
                text: `${count(source.exchanges)} · ${ratio(source.exchanges, source.records)}`,
                color: 'var(--accent-fill)',
              },
              { key: 'other', label: 'Other records', value: other, text: count(other), color: 'var(--faint)' },
              {
                key: 'bad',
                label: 'Unreadable',
                value: source.unreadable,
                text: `${count(source.unreadable)} · ${ratio(source.unreadable, source.records)}`,
                color: 'var(--sev-high)',
              },
            ]}
          />
        </>
      )}
      {source.problems.map((problem) => (
        <p key={problem} className="notice warn">
          <Prose text={sentence(problem)} />
        </p>
      ))}
      {source.capture && <CaptureFacts capture={source.capture} />}
      {source.unreadable_samples.length > 0 && (
        <div className="scroll-x">
          <table className="plain">
            <caption>The first unreadable records, masked</caption>
            <thead>
              <tr>
                <th scope="col" className="num">
                  Record
                </th>
                <th scope="col">What was wrong</th>
                <th scope="col">Begins with</th>
              </tr>
            </thead>
            <tbody>
              {source.unreadable_samples.map((sample) => (
                <tr key={sample.record}>
                  <td className="num">{sample.record}</td>
                  <td>{sample.reason}</td>
                  <td>
                    <code className="excerpt">{sample.excerpt}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {source.quality && <SourceQuality quality={source.quality} report={report} />}
    </section>
  );
}
