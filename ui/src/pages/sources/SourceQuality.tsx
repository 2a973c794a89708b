import type { Report } from '../../api/report';
import type { Quality } from '../../api/results';
import { label } from '../../catalog';
import { percent, plural, sentence } from '../../format';
import { Copyable } from '../../ui/Copyable';
import { Gauge } from '../../ui/Gauge';
import { Icon } from '../../ui/Icon';
import { Prose } from '../../ui/Prose';
import { usePrinting } from '../../ui/printing';

/** How much a source tells: its score with reasons, what stays unseen, and the lines that would change it. */
export function SourceQuality({ quality, report }: { quality: Quality; report: Report }) {
  const lost = quality.parts
    .filter((part) => part.points < part.of)
    .sort((a, b) => b.of - b.points - (a.of - a.points));
  const printing = usePrinting();
  const snippets = report.log_snippets.filter((one) => quality.snippets.includes(one.id));
  return (
    <div className="quality">
      <div className="quality-head">
        <h3>Log quality</h3>
        <Gauge value={quality.score} name="log quality" />
      </div>
      {lost.length === 0 ? (
        <p className="muted">It tells all that an access log can.</p>
      ) : (
        <div className="scroll-x">
          <table className="plain">
            <caption className="sr">Points that are missing</caption>
            <thead>
              <tr>
                <th scope="col" className="num">
                  Lost
                </th>
                <th scope="col">Of what</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {lost.map((part) => (
                <tr key={part.id}>
                  <td className="num">
                    {part.of - part.points} of {part.of}
                  </td>
                  <td>{sentence(part.name)}</td>
                  <td>
                    <Prose text={sentence(part.reason)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="muted small">{facts(quality)}</p>
      <Blind quality={quality} report={report} open={printing} />
      {snippets.map((snippet) => (
        <details key={snippet.id} open={printing}>
          <summary>
            <Icon name="chevron" size={14} />
            Lines for <b>{snippet.title}</b>
          </summary>
          <p className="muted small">
            They go into {snippet.place}. The same: <code>vedette logs snippet {snippet.id}</code>
          </p>
          <Copyable text={snippet.text} name={`Lines for ${snippet.title}`} />
        </details>
      ))}
    </div>
  );
}

function facts({ clients, clock }: Quality): string {
  const parts = [
    clients.distinct > 0 && `${plural(clients.distinct, 'client address', 'client addresses')}`,
    clients.private_share > 0 && `${percent(clients.private_share)} private`,
    clients.forwarded_share > 0 && `${percent(clients.forwarded_share)} forwarded`,
    clock.resolution && `times in ${clock.resolution}`,
    clock.backward_share > 0 &&
      `${percent(clock.backward_share)} out of order, by ${Number(clock.step_back_secs.toPrecision(2))} s at most`,
  ];
  return parts.filter(Boolean).join(' · ');
}

/** What can never be seen in the source, by the fact that is missing. */
function Blind({ quality, report, open }: { quality: Quality; report: Report; open: boolean }) {
  const count = quality.blind_findings.length + quality.blind_detections.length;
  if (count === 0) return null;
  const groups = report.facts.filter((fact) => quality.missing.includes(fact.id));
  return (
    <details open={open}>
      <summary>
        <Icon name="chevron" size={14} />
        Blind to {plural(quality.blind_findings.length, 'kind')} of findings and{' '}
        {plural(quality.blind_detections.length, 'kind')} of detections
      </summary>
      <dl className="blind-kinds">
        {groups.map((fact) => {
          const findings = fact.findings.filter((kind) => quality.blind_findings.includes(kind));
          const detections = fact.detections.filter((kind) => quality.blind_detections.includes(kind));
          if (findings.length + detections.length === 0) return null;
          return (
            <div key={fact.id}>
              <dt>No {fact.name}</dt>
              <dd>
                <span className="chips">
                  {[...findings, ...detections].map((kind) => (
                    <span key={kind} className="chip tag">
                      {label(kind)}
                    </span>
                  ))}
                </span>
              </dd>
            </div>
          );
        })}
      </dl>
    </details>
  );
}
