//! Reads the results off an engine: templates settle, summaries become endpoints, checks and risk judge them.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::hash::BuildHasher;
use vedette_model::results::{Caller, Endpoint, FORMAT_VERSION, Finding, Results, Sample, Service, Source};
use vedette_parse::classes::Classifier;

use crate::abuse::{self, Crowd, Crowds};
use crate::actors::{ActorKey, Actors};
use crate::checks::{self, TallySet};
use crate::conformance::{self, Contract};
use crate::endpoint::{EndpointSummary, SampleAt};
use crate::engine::{Engine, METHODS, ServiceSummary};
use crate::paths::provenance::Provenance;
use crate::paths::shape::is_version;
use crate::paths::templates::{Settled, SettledEndpoint, settle};
use crate::quality::facts::Fact;
use crate::routes::Routes;
use crate::sketch::Heavy;
use crate::strays::Strays;
use crate::{compliance, detectors, fields, functions, kinds, parallel, quality, risk};

/// Callers listed per endpoint.
const CALLERS_LISTED_MAX: usize = 10;

impl Engine {
    /// The results of all that was observed. `sources` describe where it came from.
    pub fn conclude(self, mut sources: Vec<Source>) -> Results {
        let Self { classifier, services, provenance, actors, totals, told, strays, contract, watch, .. } = self;
        let names: Vec<Box<str>> = services.iter().map(|service| service.name.clone()).collect();
        let log_snippets = quality::describe(&told, &mut sources);
        let told = told.sum().facts().with(Fact::Specification, contract.is_some());
        let contract = contract.as_deref();
        let mut settled = parallel::map(services, 1, |service| SettledService::new(service, &provenance));
        let unrouted = route_strays(strays, &mut settled);
        let context = checks::Context {
            classifier: &classifier,
            as_of: totals.as_of(),
            credentials_seen: told.has(Fact::Credential),
        };
        let declared = contract.map(|contract| (contract, context.credentials_seen));
        let mut results = Results { version: FORMAT_VERSION.to_owned(), sources, log_snippets, ..Results::default() };
        let mut grounds: Vec<(Service, Vec<TallySet>)> = Vec::new();
        let mut crowds = Crowds::default();
        for service in settled {
            service.describe_endpoints(
                &classifier,
                &actors,
                declared,
                &mut results.endpoints,
                &mut grounds,
                &mut crowds,
            );
        }
        checks::doubt_absence(&mut results.endpoints);
        if let Some(contract) = contract {
            let mut services: Vec<&mut Service> = grounds.iter_mut().map(|(service, _)| service).collect();
            results.specs = conformance::compare(contract, &mut services, &results.endpoints);
        }
        let mut rest = results.endpoints.as_slice();
        for (service, tallies) in grounds {
            let (own, others) = rest.split_at(tallies.len().min(rest.len()));
            results.findings.extend(checks::conclude(&service, own, &tallies, context));
            results.services.push(service);
            rest = others;
        }
        judge(&mut results, &classifier);
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        detectors::judge(&watch, &names, &actors, &mut results);
        results.actors = actors.conclude();
        results.facts = quality::facts_for_results();
        results.compliance = compliance::view(&results.findings, &results.endpoints, told);
        results.stats = totals.conclude();
        if totals.exchanges > 0 {
            results.stats.blind_spots = quality::blind_spots(told);
        }
        results.stats.actors = actors.count();
        let sight = abuse::Sight { told, on: watch.budget > 0.0, exchanges: totals.exchanges, actors: actors.count() };
        abuse::conclude(&abuse::Known { crowds: &crowds, actors: &actors, sight }, &mut results);
        results.stats.unrouted = unrouted;
        results.stats.unreadable = results.sources.iter().map(|s| s.unreadable).sum();
        results.stats.bytes = results.sources.iter().map(|s| s.bytes).sum();
        for field in results.endpoints.iter().flat_map(|e| &e.fields) {
            for class in &field.classes {
                *results.stats.data_classes.entry(class.class.clone()).or_default() += 1;
            }
        }
        results
    }
}

/// A service whose templates are decided.
struct SettledService {
    summary: ServiceSummary,
    settled: Vec<Settled>,
    /// Places in `settled` by template, for routing strays.
    routes: Routes,
}

impl SettledService {
    fn new(mut summary: ServiceSummary, provenance: &Provenance) -> Self {
        let mut settled = settle(std::mem::take(&mut summary.trie), provenance);
        settled.iter_mut().for_each(settle_calls);
        let routes = Routes::new(settled.iter().map(|one| one.template.as_str()));
        Self { summary, settled, routes }
    }

    /// Counts a stray at the template that it fits best: fewest parameters first.
    fn take_stray(&mut self, method: u16, path: &str, status: u16, count: u64) -> bool {
        let answers = |at: usize| {
            let endpoints = self.settled.get(at).map(|settled| settled.endpoints.as_slice()).unwrap_or_default();
            endpoints.iter().any(|one| one.method == method && one.call.is_none())
        };
        let best = self.routes.best(path.trim_end_matches('/'), answers);
        let Some(settled) = best.and_then(|at| self.settled.get_mut(at)) else { return false };
        if let Some(one) = settled.endpoints.iter_mut().find(|one| one.method == method && one.call.is_none()) {
            one.summary.add_strays(status, count);
        }
        true
    }

    /// Describes the endpoints, with what the checks remember of each; a service without any is not there.
    fn describe_endpoints(
        self,
        classifier: &Classifier,
        actors: &Actors,
        contract: Option<(&Contract, bool)>,
        endpoints: &mut Vec<Endpoint>,
        grounds: &mut Vec<(Service, Vec<TallySet>)>,
        crowds: &mut Crowds,
    ) {
        let mut service = self.describe();
        let mut tallies = Vec::new();
        let first = endpoints.len();
        let name = &self.summary.name;
        let described = parallel::map_many(self.settled, |settled| {
            let described = settled.endpoints.iter().map(|one| {
                let mut endpoint = describe(name, &settled, one, classifier);
                endpoint.callers = callers(&one.summary, actors);
                let compared = one.summary.conformance.as_deref();
                endpoint.operation = contract.and_then(|(contract, credentials_seen)| {
                    conformance::declare(contract, &endpoint, compared, credentials_seen)
                });
                endpoint.deprecated |= endpoint.operation.as_ref().is_some_and(|operation| operation.deprecated);
                endpoint
            });
            let described: Vec<Endpoint> = described.collect();
            let kept = settled
                .endpoints
                .into_iter()
                .map(|SettledEndpoint { summary, .. }| (summary.checks, Crowd::new(summary.actors, summary.callers)));
            (described, kept.collect::<Vec<(TallySet, Crowd)>>())
        });
        for (of_template, kept) in described {
            for (endpoint, (checked, crowd)) in of_template.iter().zip(kept) {
                crowds.add(endpoint, &crowd);
                tallies.push(checked);
            }
            endpoints.extend(of_template);
        }
        let own = endpoints.get(first..).unwrap_or_default();
        if own.is_empty() {
            return;
        }
        service.endpoints = own.len() as u64;
        service.versions = versions(own);
        service.first_seen = own.iter().filter_map(|e| e.first_seen).min();
        service.last_seen = own.iter().filter_map(|e| e.last_seen).max();
        grounds.push((service, tallies));
    }

    fn describe(&self) -> Service {
        let reach = &self.summary.reach;
        let told = reach.tls + reach.cleartext;
        Service {
            id: id(&["service", &self.summary.name]),
            name: self.summary.name.to_string(),
            exposure: reach.exposure(&self.summary.name).to_owned(),
            direction: reach.direction(),
            exchanges: self.summary.exchanges,
            actors: self.summary.actors.estimate(),
            tls_share: (told > 0).then(|| reach.tls as f64 / told as f64),
            ..Service::default()
        }
    }
}

/// Puts the calls behind a path beside it. The path itself stays for what no call took: exchanges that could not be
/// told apart, and calls of names that are not there.
fn settle_calls(settled: &mut Settled) {
    for mut one in std::mem::take(&mut settled.endpoints) {
        let calls = one.summary.calls.take().map(|calls| calls.settle()).unwrap_or_default();
        for mut summary in calls.vain {
            // The path is no tool or field because somebody asked for one that is not there.
            summary.protocol = None;
            one.summary.merge(summary);
        }
        let method = one.method;
        if one.summary.is_listed() {
            settled.endpoints.push(one);
        }
        let named =
            calls.shown.into_iter().map(|(name, summary)| SettledEndpoint { method, call: Some(name), summary });
        settled.endpoints.extend(named);
    }
}

fn route_strays(strays: Strays, services: &mut [SettledService]) -> u64 {
    strays.settle(|service, method, path, status, count| {
        services.get_mut(usize::from(service)).is_some_and(|s| s.take_stray(method, path, status, count))
    })
}

/// A stable id of a thing that has no better one: FNV-like over its parts, 16 hexadecimal digits.
pub(crate) fn id(parts: &[&str]) -> String {
    format!("{:016x}", FixedState::with_seed(0x1d).hash_one(parts))
}

fn describe(
    service: &str,
    settled: &Settled,
    SettledEndpoint { method, call, summary }: &SettledEndpoint,
    classifier: &Classifier,
) -> Endpoint {
    let method = METHODS.get(usize::from(*method)).copied().unwrap_or("OTHER");
    let call = call.as_deref();
    let template = call.map_or_else(|| settled.template.clone(), |name| format!("{}#{name}", settled.template));
    let (authentication, authentication_details) = summary.authentication.conclude();
    let fields = fields::of(settled, summary, classifier);
    let kind = kinds::kind(method, &settled.template, summary);
    let known = summary.protocol.as_ref().filter(|protocol| protocol.kind().is_some());
    Endpoint {
        id: id(&["endpoint", service, method, &normalized(&template)]),
        service: service.to_owned(),
        method: method.to_owned(),
        function: call
            .map_or_else(|| functions::function(method, &settled.template), |name| functions::of_call(method, name))
            .map(str::to_owned),
        template,
        kind: kind.to_owned(),
        protocol: known.map(|protocol| protocol.conclude(&settled.template, call)),
        exchanges: summary.exchanges,
        first_seen: summary.first_seen,
        last_seen: summary.last_seen,
        statuses: summary.statuses.iter().map(|(status, n)| (status.to_string(), *n)).collect(),
        actors: summary.actors.estimate(),
        authentication,
        authentication_details,
        data_classes: fields::classes(&fields),
        exposure: summary.reach.exposure(service).to_owned(),
        deprecated: summary.deprecated,
        version: version(&settled.template),
        confidence: settled.confidence,
        template_reasons: settled.reasons.clone(),
        fields,
        request_schema: summary
            .request_schema
            .as_ref()
            .filter(|s| s.observed() > 0)
            .map(|s| s.to_json_schema(classifier)),
        response_schemas: summary
            .response_schemas
            .iter()
            .filter(|(_, schema)| schema.observed() > 0)
            .map(|(status, schema)| (status.to_string(), schema.to_json_schema(classifier)))
            .collect(),
        request_content_types: summary.request_types.iter().map(ToString::to_string).collect(),
        response_content_types: summary.response_types.iter().map(ToString::to_string).collect(),
        latency_ms: summary.latency_us.distribution(0.001),
        response_bytes: summary.response_bytes.distribution(1.0),
        request_bytes: summary.request_bytes.distribution(1.0),
        timeline: summary.timeline.to_results(),
        samples: summary.samples.iter().map(sample).collect(),
        ..Endpoint::default()
    }
}

/// The busiest callers. The sketch may count too much, but never more than the actor's exchanges anywhere.
fn callers(summary: &EndpointSummary, actors: &Actors) -> Vec<Caller> {
    let of = |heavy: Heavy| {
        let key = ActorKey(heavy.key);
        let (exchanges, active_secs) = actors.activity(key).unwrap_or((u64::MAX, None));
        Caller { actor: key.id(), exchanges: heavy.count.min(exchanges), active_secs }
    };
    summary.callers.heaviest().into_iter().take(CALLERS_LISTED_MAX).map(of).collect()
}

fn sample(sample: &SampleAt) -> Sample {
    Sample {
        source: sample.seen_at.0,
        exchange: sample.seen_at.1,
        at: sample.at,
        status: sample.status,
        actor: Some(sample.actor.id()),
    }
}

/// The template without parameter names: what an endpoint's identity hangs on.
fn normalized(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut inside = false;
    for c in template.chars() {
        match c {
            '{' => {
                inside = true;
                out.push_str("{}");
            }
            '}' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

fn version(template: &str) -> Option<String> {
    template.split('/').take(5).find(|s| is_version(s)).map(str::to_owned)
}

fn versions(endpoints: &[Endpoint]) -> Vec<String> {
    let mut versions: Vec<String> = endpoints.iter().filter_map(|e| e.version.clone()).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

/// Scores risks, links findings to endpoints, and orders everything worst or busiest first.
fn judge(results: &mut Results, classifier: &Classifier) {
    let Results { endpoints, findings, services, .. } = results;
    order_findings(findings);
    let mut by_endpoint: HashMap<&str, Vec<&Finding>, FixedState> = HashMap::default();
    for finding in findings.iter() {
        by_endpoint.entry(&finding.endpoint).or_default().push(finding);
    }
    for endpoint in endpoints.iter_mut() {
        let own = by_endpoint.get(endpoint.id.as_str()).map_or(&[][..], Vec::as_slice);
        endpoint.findings = own.iter().map(|f| f.id.clone()).collect();
        endpoint.risk = risk::score(endpoint, own, classifier);
    }
    endpoints.sort_by(|a, b| {
        b.risk
            .score
            .cmp(&a.risk.score)
            .then_with(|| b.exchanges.cmp(&a.exchanges))
            .then_with(|| (&a.service, &a.template, &a.method).cmp(&(&b.service, &b.template, &b.method)))
    });
    services.sort_by(|a, b| b.exchanges.cmp(&a.exchanges).then_with(|| a.name.cmp(&b.name)));
}

/// Worst first, then surest, then most seen.
pub(crate) fn order_findings(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then_with(|| b.confidence.total_cmp(&a.confidence))
            .then_with(|| b.occurrences.cmp(&a.occurrences))
            .then_with(|| (&a.kind, &a.place, &a.id).cmp(&(&b.kind, &b.place, &b.id)))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_names_do_not_change_an_endpoint() {
        assert_eq!(normalized("/a/{b}/c{d}.json"), "/a/{}/c{}.json");
    }
}
