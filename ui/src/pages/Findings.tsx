import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { groupBy, isOpen, type Report, type TriagedFinding } from '../api/report';
import type { Finding } from '../api/results';
import { useReport } from '../api/source';
import { label, OWASP, SEVERITIES, SEVERITY_MEANS } from '../catalog';
import { count, plural } from '../format';
import type { FindingsSearch } from '../search';
import { useExtras } from '../ui/extras';
import { FacetMenu } from '../ui/FacetMenu';
import { Empty } from '../ui/Panel';
import { SearchBox } from '../ui/SearchBox';
import { SeverityMark } from '../ui/Severity';
import { StateChoice } from '../ui/StateChoice';
import { FindingGroup } from './findings/FindingGroup';
import { OwaspMatrix } from './findings/OwaspMatrix';

const route = getRouteApi('/findings');

/** Few enough to be read from top to bottom without opening anything. */
const OPEN_MAX = 3;

type Filter = Exclude<keyof FindingsSearch, 'q' | 'state'>;
const OF: Record<Filter, (finding: TriagedFinding, report: Report) => string[]> = {
  severity: (finding) => [finding.severity],
  service: (finding) => [finding.service],
  owasp: (finding) => finding.owasp,
  kind: (finding) => [finding.kind],
  requirement: (finding, report) => report.requirementsByFinding.get(finding.id) ?? [],
  owner: (finding) => [finding.triage?.owner ?? NOBODY],
};
const NOBODY = '-';
const FILTERS = Object.keys(OF) as Filter[];

/** Whether a finding is among those that the chosen state shows. */
function inState(finding: TriagedFinding, state: string): boolean {
  return state === 'all' || (state === 'open' ? isOpen(finding) : finding.triage?.state === state);
}

function passes(finding: TriagedFinding, report: Report, search: FindingsSearch, except?: Filter): boolean {
  const text =
    `${finding.title} ${finding.place} ${finding.service} ${finding.kind} ${finding.cwe.join(' ')}`.toLowerCase();
  const words = (search.q ?? '').toLowerCase().split(/\s+/);
  return (
    words.every((word) => text.includes(word)) &&
    FILTERS.every(
      (key) =>
        key === except ||
        !search[key]?.length ||
        OF[key](finding, report).some((value) => search[key]?.includes(value)),
    )
  );
}

/** Standing weaknesses by kind, worst first. */
export function Findings() {
  const report = useReport('findings', 'compliance');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { FindingsTools } = useExtras();
  const state = report.triaged ? (search.state ?? 'open') : 'all';
  const inQuestion = useMemo(() => report.findings.filter((one) => inState(one, state)), [report, state]);
  const shown = useMemo(
    () => inQuestion.filter((finding) => passes(finding, report, search)),
    [inQuestion, report, search],
  );
  const groups = useMemo(() => [...groupBy(shown, (finding) => finding.kind)], [shown]);
  const set = (change: FindingsSearch) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false });
  const options = (key: Filter) => () => {
    const counts = new Map<string, number>();
    for (const finding of inQuestion) {
      if (passes(finding, report, search, key))
        for (const value of OF[key](finding, report)) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1]);
  };
  const menu = (key: Filter, title: string, name: (value: string) => string) => (
    <FacetMenu
      label={title}
      options={options(key)}
      chosen={search[key] ?? []}
      name={name}
      onChange={(chosen) => set({ [key]: chosen })}
    />
  );
  const filtered = shown.length !== inQuestion.length;
  return (
    <div className="page findings">
      <header className="page-head">
        <h1>Findings</h1>
        <p className="muted" role="status">
          {filtered
            ? `${count(shown.length)} of ${plural(inQuestion.length, 'finding')}`
            : plural(shown.length, 'finding')}
        </p>
        {report.triaged && (
          <StateChoice
            choices={STATES.map(([id, name]) => [id, name, report.findings.filter((one) => inState(one, id)).length])}
            chosen={state}
            onChange={(id) => set({ state: id === 'open' ? undefined : id })}
          />
        )}
      </header>
      <SeverityFilter findings={inQuestion} chosen={search.severity ?? []} onChange={(severity) => set({ severity })} />
      <div className="filters">
        <SearchBox
          value={search.q ?? ''}
          onChange={(q) => set({ q })}
          label="Search findings"
          placeholder="Search title, path, CWE…"
        />
        {menu('service', 'Service', (value) => value)}
        {menu('owasp', 'OWASP', (value) => `${value} ${OWASP.find((one) => one.id === value)?.name ?? ''}`)}
        {menu('kind', 'Kind', label)}
        {menu('requirement', 'Requirement', (value) => requirementName(value, report))}
        {report.triaged && menu('owner', 'Owner', (value) => (value === NOBODY ? 'Nobody' : value))}
        {filtered && (
          <button
            type="button"
            className="plain-button"
            onClick={() => void navigate({ search: { state: search.state }, replace: true })}
          >
            Clear all
          </button>
        )}
        {FindingsTools && <FindingsTools findings={shown} />}
      </div>
      {report.cut.findings !== undefined && (
        <p className="notice">
          The {count(report.findings.length)} worst of {plural(report.cut.findings, 'finding')} are listed here.
        </p>
      )}
      {groups.length === 0 && (
        <Empty>
          {report.findings.length === 0
            ? 'No weakness was seen in this traffic. See the blind spots for what it cannot show.'
            : inQuestion.length === 0
              ? NONE_IN[state]
              : 'No finding matches.'}
        </Empty>
      )}
      {groups.map(([kind, findings], rank) => (
        <FindingGroup
          // Another question opens its own first group.
          key={`${state} ${kind}`}
          findings={findings}
          report={report}
          startOpen={groups.length <= OPEN_MAX || rank === 0}
        />
      ))}
      <OwaspMatrix findings={inQuestion} />
    </div>
  );
}

const STATES = [
  ['open', 'Open'],
  ['accepted', 'Accepted'],
  ['resolved', 'Resolved'],
  ['all', 'All'],
] as const;
const NONE_IN: Record<string, string> = {
  open: 'No finding is open: every one was accepted or resolved.',
  accepted: 'No risk was accepted.',
  resolved: 'No finding was resolved yet.',
};

/** `PCI DSS 6.2.4` of `pci-dss/6.2.4`. */
function requirementName(value: string, report: Report): string {
  const [framework = '', ...id] = value.split('/');
  const name = report.compliance.find((one) => one.id === framework)?.name ?? framework;
  return `${name} ${id.join('/')}`;
}

interface SeverityProps {
  findings: Finding[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** How many of each severity; a press shows only those. */
function SeverityFilter({ findings, chosen, onChange }: SeverityProps) {
  return (
    <fieldset className="severity-filter">
      <legend className="sr">Severity</legend>
      {SEVERITIES.map((level) => {
        const on = chosen.includes(level);
        return (
          <button
            key={level}
            type="button"
            aria-pressed={on}
            className={`sev-${level}`}
            onClick={() => onChange(on ? chosen.filter((one) => one !== level) : [...chosen, level])}
          >
            <b>{count(findings.filter((finding) => finding.severity === level).length)}</b>
            <span>
              <SeverityMark level={level} /> {level}
            </span>
            <small>{SEVERITY_MEANS[level]}</small>
          </button>
        );
      })}
    </fieldset>
  );
}
