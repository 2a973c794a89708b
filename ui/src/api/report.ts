import { levelRank } from '../catalog';
import type { ActorTriage, IncidentTriage } from './api';
import type { AbuseCase, Actor, Endpoint, Fact, Finding, Framework, Incident, LogSnippet, Results } from './results';

export type TriageState = 'open' | 'accepted' | 'resolved' | 'reopened';

/** What people decided about a finding; a server keeps it. */
export interface Triage {
  state: TriageState;
  /** Why it was accepted or resolved. */
  reason: string | null;
  /** When an acceptance ends. */
  until: string | null;
  owner: string | null;
  /** Who decided last, and when. */
  updated_by: string | null;
  updated_at: string | null;
  /** Counts decisions. */
  version: number;
}

/** A finding, with what people decided about it where that is known. */
export interface TriagedFinding extends Finding {
  triage?: Triage;
}

/** An incident, with what people decided about it where that is known. */
export interface TriagedIncident extends Incident {
  triage?: IncidentTriage;
}

/** An actor, with what people decided about it where that is known. */
export interface TriagedActor extends Actor {
  triage?: ActorTriage;
}

/** The results with the ways through them that pages need. */
export interface Report extends Results {
  findings: TriagedFinding[];
  incidents: TriagedIncident[];
  actors: TriagedActor[];
  facts: Fact[];
  compliance: Framework[];
  abuse_cases: AbuseCase[];
  log_snippets: LogSnippet[];
  endpointById: Map<string, Endpoint>;
  findingsByEndpoint: Map<string, TriagedFinding[]>;
  actorById: Map<string, Actor>;
  /** Requirements (`framework/id`) that a finding violates. */
  requirementsByFinding: Map<string, string[]>;
  /** Sensitivity level of each class met. */
  levels: Map<string, string>;
  /** Names of the sources, as evidence counts them. */
  sourceNames: string[];
  /** The findings that are neither accepted nor resolved; without a server, all. */
  openFindings: TriagedFinding[];
  /** True when people decide about findings here. */
  triaged: boolean;
  /** True for who sees only some services: totals of all are not theirs. */
  restricted: boolean;
  /** Why a list is empty: who asks may not see it. */
  refused: Partial<Record<string, string>>;
  /** How long a list is that is too long to be held whole, by its name. */
  cut: Partial<Record<string, number>>;
  /** How long the lists are, also of those that were not loaded. */
  counts: Counts;
}

export interface Counts {
  services: number;
  endpoints: number;
  findings: number;
  actors: number;
  incidents: number;
  detections: number;
  specs: number;
  gateways: number;
  sources: number;
}

/** Adds the ways through the results. */
export function index(results: Results, counts: Counts = countsOf(results)): Report {
  const findingsByEndpoint = groupBy(results.findings, (finding) => finding.endpoint);
  const levels = new Map<string, string>();
  for (const endpoint of results.endpoints) {
    for (const field of endpoint.fields) for (const held of field.classes) levels.set(held.class, held.level);
  }
  const requirementsByFinding = new Map<string, string[]>();
  // Results of an earlier version have no such parts.
  const { facts = [], compliance = [], abuse_cases = [], log_snippets = [] } = results;
  for (const framework of compliance) {
    for (const requirement of framework.requirements) {
      for (const finding of requirement.findings) {
        const known = requirementsByFinding.get(finding) ?? [];
        requirementsByFinding.set(finding, [...known, `${framework.id}/${requirement.id}`]);
      }
    }
  }
  return {
    ...results,
    facts,
    compliance,
    abuse_cases,
    log_snippets,
    requirementsByFinding,
    endpointById: new Map(results.endpoints.map((endpoint) => [endpoint.id, endpoint])),
    findingsByEndpoint,
    actorById: new Map(results.actors.map((actor) => [actor.id, actor])),
    levels,
    restricted: false,
    refused: {},
    cut: {},
    sourceNames: results.sources.map(({ name }) => name),
    openFindings: results.findings.filter(isOpen),
    triaged: results.findings.some((finding: TriagedFinding) => finding.triage !== undefined),
    counts,
  };
}

function countsOf(results: Results): Counts {
  return {
    services: results.services.length,
    endpoints: results.endpoints.length,
    findings: results.findings.length,
    actors: results.actors.length,
    incidents: results.incidents.length,
    detections: results.detections.length,
    specs: results.specs?.length ?? 0,
    gateways: results.gateways?.length ?? 0,
    sources: results.sources.length,
  };
}

/** True for a finding that waits for somebody. */
export function isOpen({ triage }: TriagedFinding): boolean {
  return triage === undefined || triage.state === 'open' || triage.state === 'reopened';
}

/** True for an incident that nobody closed, or of which more came. */
export function isUnderway({ triage }: TriagedIncident): boolean {
  return triage?.state !== 'closed';
}

/** Items by key, in their order. */
export function groupBy<T>(items: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** Classes in motion at an endpoint on either side, most sensitive first. */
export function classesOf(endpoint: Endpoint, report: Report): string[] {
  return bySensitivity([...new Set([...endpoint.data_classes.response, ...endpoint.data_classes.request])], report);
}

export function bySensitivity(classes: string[], report: Report): string[] {
  const rank = (name: string) => levelRank(report.levels.get(name) ?? '');
  return classes.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** True when a class is personal or worse; also when its level is not known, as a customer may name levels. */
export function isSensitive(name: string, report: Report): boolean {
  return !['public', 'internal'].includes(report.levels.get(name) ?? '');
}

/** An API of any kind: neither a page nor a file that pages load. */
export function isApi(endpoint: Endpoint): boolean {
  return endpoint.kind !== 'page' && endpoint.kind !== 'static';
}

/** What the sources could show at all: where they could not, a zero would be a false comfort. */
export function visible(report: Report): { credentials: boolean; responses: boolean } {
  return {
    credentials: report.endpoints.some(
      (one) => isApi(one) && one.authentication.some((scheme) => scheme !== 'unknown'),
    ),
    responses: report.endpoints.some(
      (one) => one.data_classes.response.length > 0 || one.fields.some((field) => field.side === 'response'),
    ),
  };
}

/** Exchanges with a status of 400 or more. */
export function errorsOf(endpoint: Endpoint): number {
  return Object.entries(endpoint.statuses).reduce((sum, [status, n]) => (Number(status) >= 400 ? sum + n : sum), 0);
}
