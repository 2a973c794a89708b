//! Findings for code scanning: SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format).
//!
//! A finding of traffic has no line of source code: its place is a logical location (service and endpoint), and the
//! record that shows it is the physical one, which is what code scanning services ask for. Findings of specifications
//! and configurations point to their line.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};
use vedette_engine::checks::{CHECKS, Check};
use vedette_model::Severity;
use vedette_model::results::{Evidence, Finding, Results};

use super::Owners;

/// Writes the log of one run.
pub(crate) fn sarif(results: &Results, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut rules: Vec<Value> = CHECKS.iter().map(rule).collect();
    let mut index: BTreeMap<&str, usize> = CHECKS.iter().enumerate().map(|(at, check)| (check.meta.id, at)).collect();
    for finding in &results.findings {
        index.entry(&finding.kind).or_insert_with(|| {
            rules.push(rule_of(finding));
            rules.len() - 1
        });
    }
    let owners = Owners::of(results);
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Vedette",
                "semanticVersion": results.vedette,
                "rules": rules,
            }},
            "results": results.findings.iter().map(|finding| result(results, finding, &index, &owners)).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    Ok(writeln!(out)?)
}

fn rule(check: &Check) -> Value {
    let meta = &check.meta;
    let tags: Vec<&str> =
        ["security"].into_iter().chain(meta.owasp.iter().copied()).chain(meta.cwe.iter().copied()).collect();
    json!({
        "id": meta.id,
        "name": pascal_case(meta.id),
        "shortDescription": {"text": meta.title},
        "help": {"text": meta.fix},
        "defaultConfiguration": {"level": level(meta.severity)},
        "properties": {"tags": tags, "security-severity": score(meta.severity)},
    })
}

/// A rule that is no check of traffic, from what its finding says.
fn rule_of(finding: &Finding) -> Value {
    let tags: Vec<&str> =
        ["security"].into_iter().chain(finding.owasp.iter().chain(&finding.cwe).map(String::as_str)).collect();
    json!({
        "id": finding.kind,
        "name": pascal_case(&finding.kind),
        "shortDescription": {"text": finding.title},
        "help": {"text": finding.fix},
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": {"tags": tags, "security-severity": score(finding.severity)},
    })
}

fn result(results: &Results, finding: &Finding, index: &BTreeMap<&str, usize>, owners: &Owners<'_>) -> Value {
    let mut result = json!({
        "ruleId": finding.kind,
        "level": level(finding.severity),
        "message": {"text": format!("{}: {} {}", finding.place, finding.explanation, finding.fix)},
        "locations": [location(results, finding)],
        "partialFingerprints": {"vedetteFinding/v1": finding.id},
        "properties": {
            "security-severity": score(finding.severity),
            "confidence": finding.confidence,
            "service": finding.service,
            "occurrences": finding.occurrences,
            "compliance": finding.compliance,
        },
    });
    let related = related(finding);
    if let (false, Some(members)) = (related.is_empty(), result.as_object_mut()) {
        members.insert("relatedLocations".to_owned(), json!(related));
    }
    if let (Some(at), Some(members)) = (index.get(finding.kind.as_str()), result.as_object_mut()) {
        members.insert("ruleIndex".to_owned(), json!(at));
    }
    let properties = result.get_mut("properties").and_then(Value::as_object_mut);
    if let (Some(owner), Some(properties)) = (owners.owner(finding), properties) {
        properties.insert("owner".to_owned(), json!(owner));
    }
    if let (Some(_), Some(members)) = (&results.baseline, result.as_object_mut()) {
        members.insert("baselineState".to_owned(), json!("new"));
    }
    result
}

fn location(results: &Results, finding: &Finding) -> Value {
    let qualified = if finding.place == finding.service {
        finding.service.clone()
    } else {
        format!("{} {}", finding.service, finding.place)
    };
    let mut location = json!({
        "logicalLocations": [{"name": finding.place, "fullyQualifiedName": qualified, "kind": "resource"}],
    });
    let source = |evidence: &Evidence| results.sources.get(evidence.source as usize).map(|source| source.name.clone());
    let place = |evidence: &Evidence| match &evidence.file {
        Some(file) => Some((file.clone(), evidence.line.unwrap_or(1))),
        None => Some((source(evidence).filter(|name| name != "-")?, evidence.exchange + 1)),
    };
    let physical = finding
        .evidence
        .first()
        .and_then(place)
        .map(|(name, line)| json!({"artifactLocation": {"uri": uri(&name)}, "region": {"startLine": line}}));
    if let (Some(physical), Some(members)) = (physical, location.as_object_mut()) {
        members.insert("physicalLocation".to_owned(), physical);
    }
    location
}

/// Further lines of files that show a finding; the first one is its location.
fn related(finding: &Finding) -> Vec<Value> {
    let places =
        finding.evidence.iter().skip(1).filter_map(|one| Some((one.file.as_deref()?, one.line?, &one.excerpt)));
    let location = |(file, line, text): (&str, u64, &String)| {
        json!({
            "physicalLocation": {"artifactLocation": {"uri": uri(file)}, "region": {"startLine": line}},
            "message": {"text": text},
        })
    };
    places.map(location).collect()
}

/// A path as a relative or file URI (RFC 3986): what a URI may not hold is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let hex = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase();
            uri.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    uri
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A score like that of CVSS, which code scanning services sort by: the middle of the severity's range.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

/// `credential-in-url` as `CredentialInUrl`, as SARIF wants names of rules.
fn pascal_case(id: &str) -> String {
    let words = id.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::summary::tests::sample;

    #[test]
    fn each_finding_has_a_rule_a_place_and_a_fingerprint() {
        let mut out = Vec::new();
        let results = sample();
        sarif(&results, &mut out).unwrap();
        let log: Value = serde_json::from_slice(&out).unwrap();
        let found = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(found.len(), results.findings.len());
        for one in found {
            assert!(one["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
            assert!(one["partialFingerprints"]["vedetteFinding/v1"].is_string());
        }
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), CHECKS.len());
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("logs/a b.har"), "logs/a%20b.har");
        assert_eq!(uri("/var/log/x.log"), "file:///var/log/x.log");
        assert_eq!(pascal_case("credential-in-url"), "CredentialInUrl");
    }
}
