//! Runs the Markdown specs of the posture checks, one file per kind ([`crate::specs`]).
//!
//! Blocks of a case:
//! - `http` with attributes after it: one request and its response;
//! - `yaml endpoint`: what was learned of an endpoint, where the exchanges do not say it ([`learned`]);
//! - `yaml service`: the same for the service;
//! - `expect`: the findings of the file's kind, and any other of severity high or more, as `severity kind place`.

mod learned;

use std::fmt::Write as _;

use vedette_engine::checks::{CHECKS, conclude};
use vedette_model::Severity;
use vedette_model::results::Finding;

use crate::CLASSIFIER;
use crate::specs::{self, Case};

const FOLDER: &str = "checks";

fn kinds() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|check| check.meta.id)
}

#[test]
fn every_check_has_a_spec_that_fires_and_stays_silent() {
    specs::prove(FOLDER, kinds());
}

#[test]
fn findings_are_as_the_specs_say() {
    specs::compare(FOLDER, kinds(), run);
}

/// Runs one case and prints its findings as an `expect` block.
fn run(kind: &str, case: &Case) -> String {
    let classifier = &*CLASSIFIER;
    let mut findings = Vec::new();
    let learned = learned::learn(case, classifier);
    for (service, endpoints, tallies) in &learned.services {
        findings.extend(conclude(service, endpoints, tallies, learned.context(classifier)));
    }
    let shown = |finding: &&Finding| finding.kind == kind || finding.severity >= Severity::High;
    let mut text = String::new();
    for finding in findings.iter().filter(shown) {
        assert!((0.0..=1.0).contains(&finding.confidence) && finding.id.len() == 16, "{finding:?}");
        let severity = format!("{:?}", finding.severity).to_lowercase();
        let _ = writeln!(text, "{severity} {} {}\n  {}", finding.kind, finding.place, finding.explanation);
    }
    text
}
