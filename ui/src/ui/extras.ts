import { type ComponentType, createContext, use } from 'react';
import type { TriagedActor, TriagedFinding, TriagedIncident } from '../api/report';
import type { IconName } from './Icon';

/** An entry of the navigation. */
export interface NavEntry {
  to: '/hunt' | '/changes';
  icon: IconName;
  text: string;
}

/** What the served app adds to the pages that the offline report has too. The report adds nothing. */
export interface Extras {
  entries?: readonly NavEntry[];
  /** Below the navigation: who is logged in, whether the feed is live. */
  Foot?: ComponentType;
  /** Above the overview's panels. */
  OverviewTop?: ComponentType;
  /** Instead of the overview, while nothing was received. */
  FirstSteps?: ComponentType;
  /** What to try when a page failed. */
  Hint?: ComponentType<{ error: unknown }>;
  /** What may be done with one finding. */
  FindingTools?: ComponentType<{ finding: TriagedFinding }>;
  /** What may be done with the findings that are shown. */
  FindingsTools?: ComponentType<{ findings: TriagedFinding[] }>;
  /** What may be done with one incident. */
  IncidentTools?: ComponentType<{ incident: TriagedIncident }>;
  /** What was decided about an actor, and a way to change it. */
  ActorTools?: ComponentType<{ actor: TriagedActor }>;
  /** Above the list of sources: how they are doing now. */
  SourcesTop?: ComponentType;
  /** Instead of the comparison with the specifications that an analysis was given. */
  SpecsPage?: ComponentType;
  /** Below an endpoint's findings: what changed about it. */
  EndpointChanges?: ComponentType<{ id: string }>;
}

export const ExtrasContext = createContext<Extras>({});

export function useExtras(): Extras {
  return use(ExtrasContext);
}
