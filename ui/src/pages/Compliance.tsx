import { Link } from '@tanstack/react-router';
import type { Framework, Requirement } from '../api/results';
import { useReport } from '../api/source';
import { label } from '../catalog';
import { count, plural } from '../format';
import { Icon, type IconName } from '../ui/Icon';
import { Empty, Panel } from '../ui/Panel';

type Status = Requirement['status'];

const STATUSES: Record<Status, { text: string; icon: IconName }> = {
  violated: { text: 'Violated', icon: 'findings' },
  clean: { text: 'Nothing found', icon: 'check' },
  'not-assessable': { text: 'Not assessable', icon: 'eye' },
};

/** The findings seen from standards and laws: what is covered, what violates, what cannot be told. */
export function Compliance() {
  const { compliance, refused } = useReport('compliance');
  return (
    <div className="page compliance">
      <header className="page-head">
        <h1>Compliance</h1>
        <p className="muted">
          Evidence from traffic, for those who assess. “Nothing found” covers what was observed, and certifies nothing.
        </p>
      </header>
      {refused.compliance && <Empty>{refused.compliance}</Empty>}
      {compliance.map((framework) => (
        <Matrix key={framework.id} framework={framework} />
      ))}
    </div>
  );
}

function Matrix({ framework }: { framework: Framework }) {
  const { requirements } = framework;
  const tally = (status: Status) => requirements.filter((one) => one.status === status).length;
  return (
    <Panel
      title={`${framework.name} ${framework.version}`}
      hint={framework.outside}
      action={
        <span className="chips">
          {(Object.keys(STATUSES) as Status[]).filter(tally).map((status) => (
            <StatusChip
              key={status}
              status={status}
              text={`${count(tally(status))} ${STATUSES[status].text.toLowerCase()}`}
            />
          ))}
        </span>
      }
    >
      <div className="scroll-x">
        <table className="plain requirements">
          <caption className="sr">Requirements of {framework.name}</caption>
          <thead>
            <tr>
              <th scope="col">Requirement</th>
              <th scope="col">Status</th>
              <th scope="col">Why</th>
              <th scope="col">Looked for</th>
            </tr>
          </thead>
          <tbody>
            {requirements.map((requirement) => (
              <Row key={requirement.id} framework={framework.id} requirement={requirement} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Row({ framework, requirement }: { framework: string; requirement: Requirement }) {
  const { id, title, status, reason, kinds, blind, findings } = requirement;
  return (
    <tr>
      <th scope="row">
        <span className="requirement">
          <span className="requirement-id">{id.replace(/:2023$/, '')}</span> <span>{title}</span>
        </span>
      </th>
      <td>
        <StatusChip status={status} text={STATUSES[status].text} />
      </td>
      <td>
        {findings.length > 0 && (
          <>
            <Link to="/findings" search={{ requirement: [`${framework}/${id}`] }}>
              {plural(findings.length, 'finding')}
            </Link>
            .{' '}
          </>
        )}
        {findings.length > 0 ? reason.replace(/^\d+ findings? shows? it\.\s*/, '') : reason}
      </td>
      <td>
        <span className="chips">
          {kinds.map((kind) => {
            const unseen = blind.includes(kind);
            return (
              <span
                key={kind}
                className={`chip tag ${unseen ? 'unseen' : ''}`}
                title={unseen ? 'This traffic cannot show it' : undefined}
              >
                {label(kind)}
                {unseen && <span className="sr"> (this traffic cannot show it)</span>}
              </span>
            );
          })}
        </span>
      </td>
    </tr>
  );
}

function StatusChip({ status, text }: { status: Status; text: string }) {
  return (
    <span className={`chip requirement-${status}`}>
      <Icon name={STATUSES[status].icon} size={13} />
      {text}
    </span>
  );
}
