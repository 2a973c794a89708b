//! Turns what checks say into findings.

use vedette_model::hash::HashKey;
use vedette_model::results::{Endpoint, Evidence, Finding, Service};
use vedette_model::{Timestamp, limits};

use super::ground::{Context, Ground, Subject};
use super::tally::{NOTHING, Tally, TallySet};
use super::{CHECKS, Check, Conclusion, wording};

/// Judges one service with all its endpoints, worst first. `tallies[i]` is what the checks remember of
/// `endpoints[i]`. One finding per kind and endpoint, or per kind and service where the fix is one place (then
/// `endpoint` is empty and `place` is the service).
pub fn conclude(service: &Service, endpoints: &[Endpoint], tallies: &[TallySet], context: Context<'_>) -> Vec<Finding> {
    let ground = Ground::new(service, endpoints, context);
    let mut findings = Vec::new();
    for (index, check) in CHECKS.iter().enumerate() {
        let of_check: Vec<&Tally> =
            (0..endpoints.len()).map(|i| tallies.get(i).and_then(|set| set.get(index)).unwrap_or(&NOTHING)).collect();
        if let Some(judge) = check.service
            && let Some(conclusion) = judge(&ground, &of_check)
        {
            findings.push(of_service(check, service, &of_check, conclusion));
        }
        let Some(judge) = check.endpoint else { continue };
        for (endpoint, tally) in endpoints.iter().zip(of_check) {
            if let Some(conclusion) = judge(&Subject { endpoint, ground: &ground }, tally) {
                findings.push(of_endpoint(check, endpoint, tally, conclusion));
            }
        }
    }
    // Stable: findings of one severity stay in the order of the registry and of the endpoints.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

fn of_endpoint(check: &Check, endpoint: &Endpoint, tally: &Tally, conclusion: Conclusion) -> Finding {
    let occurrences = if tally.hits > 0 { tally.hits } else { endpoint.exchanges };
    let (first, last) = (tally.first_seen.or(endpoint.first_seen), tally.last_seen.or(endpoint.last_seen));
    let evidence = match (conclusion.evidence.is_empty(), tally.evidence.is_empty()) {
        (false, _) => conclusion.evidence.clone(),
        (true, false) => tally.evidence.clone(),
        (true, true) => from_samples(endpoint),
    };
    let place = conclusion.place.clone().unwrap_or_else(|| wording::place(endpoint));
    Finding {
        id: finding_id(check.meta.id, &endpoint.service, &endpoint.method, &endpoint.template),
        endpoint: endpoint.id.clone(),
        service: endpoint.service.clone(),
        place,
        ..finding(check, conclusion, evidence, occurrences, first, last)
    }
}

fn of_service(check: &Check, service: &Service, tallies: &[&Tally], conclusion: Conclusion) -> Finding {
    let mut all = Tally::default();
    for tally in tallies {
        all.merge(tally);
    }
    let evidence = if conclusion.evidence.is_empty() { all.evidence } else { conclusion.evidence.clone() };
    let (first, last) = (all.first_seen.or(service.first_seen), all.last_seen.or(service.last_seen));
    Finding {
        id: finding_id(check.meta.id, &service.name, "", ""),
        service: service.name.clone(),
        place: service.name.clone(),
        ..finding(check, conclusion, evidence, all.hits, first, last)
    }
}

fn finding(
    check: &Check,
    conclusion: Conclusion,
    mut evidence: Vec<Evidence>,
    occurrences: u64,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
) -> Finding {
    let meta = &check.meta;
    evidence.truncate(limits::EVIDENCE_MAX);
    debug_assert!(
        meta.compliance_by_data || conclusion.compliance.is_empty(),
        "{} does not declare `compliance_by_data`",
        meta.id
    );
    let mut compliance: Vec<String> = meta.compliance.iter().map(ToString::to_string).collect();
    for tag in conclusion.compliance {
        if !compliance.iter().any(|known| known == tag) {
            compliance.push(tag.to_owned());
        }
    }
    Finding {
        kind: meta.id.to_owned(),
        severity: conclusion.severity.unwrap_or(meta.severity),
        confidence: conclusion.confidence.clamp(0.0, 1.0),
        title: meta.title.to_owned(),
        explanation: conclusion.explanation,
        evidence,
        owasp: meta.owasp.iter().map(ToString::to_string).collect(),
        cwe: meta.cwe.iter().map(ToString::to_string).collect(),
        fix: meta.fix.to_owned(),
        compliance,
        first_seen,
        last_seen,
        occurrences: if conclusion.occurrences > 0 { conclusion.occurrences } else { occurrences },
        ..Finding::default()
    }
}

/// The endpoint's samples as evidence of a weakness that no single field shows.
fn from_samples(endpoint: &Endpoint) -> Vec<Evidence> {
    let samples = endpoint.samples.iter().take(limits::EVIDENCE_MAX);
    samples
        .map(|sample| Evidence {
            source: sample.source,
            exchange: sample.exchange,
            location: "request.path".to_owned(),
            excerpt: format!("{} answered {}", wording::place(endpoint), sample.status),
            ..Evidence::default()
        })
        .collect()
}

/// The same weakness at the same place has the same id in every analysis; names of path parameters do not matter.
fn finding_id(kind: &str, service: &str, method: &str, template: &str) -> String {
    let nameless: Vec<&str> =
        template.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect();
    let text = [kind, service, method, &nameless.join("/")].join("\u{1f}");
    format!("{:016x}", HashKey::from_text("finding").hash(text.as_bytes()))
}
