import { Link } from '@tanstack/react-router';
import type { Report } from '../../api/report';
import { NOBODY } from '../../facets';
import { count, plural, sentence } from '../../format';
import { Panel } from '../../ui/Panel';
import { Prose } from '../../ui/Prose';

/** The files that name owners: how much of them fits the traffic, and what does not. */
export function Ownership({ report }: { report: Report }) {
  const { ownership } = report;
  if (!ownership) return null;
  return (
    <Panel
      title="Owners"
      hint={`${count(ownership.owned)} of ${plural(ownership.owned + ownership.unowned, 'endpoint')} have one.`}
      className="span-12"
    >
      {ownership.unowned > 0 && (
        <p>
          <Link to="/inventory" search={{ owner: [NOBODY] }}>
            {plural(ownership.unowned, 'endpoint')} without an owner
          </Link>
        </p>
      )}
      <table className="plain">
        <caption className="sr">Files that name owners</caption>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Kind</th>
            <th scope="col" className="num">
              Entries
            </th>
            <th scope="col" className="num">
              About something observed
            </th>
          </tr>
        </thead>
        <tbody>
          {ownership.files.map((file) => (
            <tr key={file.file}>
              <td>
                <code>{file.file}</code>
              </td>
              <td>{file.kind}</td>
              <td className="num">{count(file.entries)}</td>
              <td className="num">{count(file.matched)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {ownership.files
        .flatMap((file) => file.problems)
        .map((problem) => (
          <p key={problem} className="notice warn">
            <Prose text={sentence(problem)} />
          </p>
        ))}
      {ownership.remarks.length > 0 && (
        <ul className="reasons" aria-label="Entries that own nothing, or contradict each other">
          {ownership.remarks.map((remark) => (
            <li key={remark}>
              <Prose text={remark} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
