//! Runs the Markdown specs of the posture checks, one file per kind.
//!
//! A case is a second-level heading, a sentence that says why, and fenced blocks:
//! - `http` with attributes after it: one request and its response ([`http`]);
//! - `yaml endpoint`: what was learned of an endpoint, where the exchanges do not say it ([`learned`]);
//! - `yaml service`: the same for the service;
//! - `expect`: the findings of the file's kind, and any other of severity high or more, as
//!   `severity kind place` with the explanation indented below. Empty: the case stays silent.
//!
//! `UPDATE=1 cargo test -p vedette-engine --test main` rewrites the expectations.

mod http;
mod learned;
mod spec;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use vedette_engine::checks::{CHECKS, conclude};
use vedette_model::Severity;
use vedette_model::results::Finding;
use vedette_parse::classes::Classifier;

use spec::{Case, Spec};

/// Compiled once: it takes longer than all cases together.
static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks")
}

#[test]
fn every_check_has_a_spec_that_fires_and_stays_silent() {
    for check in CHECKS {
        let kind = check.meta.id;
        let path = folder().join(format!("{kind}.md"));
        let spec = Spec::read(&path).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let fires = |case: &Case| case.expect.lines().any(|line| line.split(' ').nth(1) == Some(kind));
        assert!(spec.cases.iter().any(fires), "{kind}: no case fires");
        assert!(spec.cases.iter().any(|case| !fires(case)), "{kind}: no case stays silent");
    }
}

#[test]
fn findings_are_as_the_specs_say() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    for check in CHECKS {
        let path = folder().join(format!("{}.md", check.meta.id));
        let Ok(mut spec) = Spec::read(&path) else { continue };
        let mut changed = false;
        for case in &mut spec.cases {
            let found = run(check.meta.id, case);
            if found != case.expect {
                let _ = write!(wrong, "\n{}: {}\nexpected:\n{}found:\n{found}", check.meta.id, case.title, case.expect);
                case.expect = found;
                changed = true;
            }
        }
        if update && changed {
            spec.write(&path);
        }
    }
    assert!(update || wrong.is_empty(), "{wrong}");
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
