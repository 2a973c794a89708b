//! Runs the Markdown specs of the detectors, one file per kind ([`crate::specs`]).
//!
//! Detectors compare each actor with the others, so a file begins with everyday traffic that every case has: blocks
//! before the first heading. Blocks are `http` with attributes that say who makes the exchanges, when and how often
//! ([`crate::specs::crowd`]). The exchanges of all blocks pass an engine in order of time; `expect` holds every detection of
//! any kind, newest first, as `severity kind actor endpoint`.

use std::fmt::Write as _;

use vedette_engine::Engine;
use vedette_engine::detectors::DETECTORS;
use vedette_model::Exchange;
use vedette_model::hash::HashKey;
use vedette_model::results::{Detection, Results};

use crate::CLASSIFIER;
use crate::specs::{self, Case, crowd};

const FOLDER: &str = "detectors";

/// Exchanges below which nothing is judged, and a silent case says nothing.
const EXCHANGES_MIN: usize = 100;

fn kinds() -> impl Iterator<Item = &'static str> {
    DETECTORS.iter().map(|detector| detector.meta.id)
}

#[test]
fn every_detector_has_a_spec_that_fires_and_stays_silent() {
    specs::prove(FOLDER, kinds());
}

#[test]
fn detections_are_as_the_specs_say() {
    specs::compare(FOLDER, kinds(), |_, case| run(case));
}

/// Runs one case and prints its detections as an `expect` block.
fn run(case: &Case) -> String {
    let mut exchanges: Vec<Exchange<'_>> = case.blocks.iter().flat_map(crowd::exchanges).collect();
    assert!(exchanges.len() >= EXCHANGES_MIN, "`{}` has {} exchanges", case.title, exchanges.len());
    exchanges.sort_by_key(|exchange| exchange.at);
    let mut engine = Engine::new(CLASSIFIER.clone(), HashKey::default());
    for (number, exchange) in (0..).zip(&exchanges) {
        engine.observe(exchange, (0, number));
    }
    let results = engine.conclude(Vec::new());
    let mut text = String::new();
    for detection in &results.detections {
        assert!((0.0..=1.0).contains(&detection.confidence) && !detection.evidence.is_empty(), "{detection:?}");
        let severity = format!("{:?}", detection.severity).to_lowercase();
        let (actor, place) = (actor(detection), place(&results, detection));
        let _ = writeln!(text, "{severity} {} {actor} {place}\n  {}", detection.kind, detection.explanation);
    }
    text
}

/// What names the actor best.
fn actor(detection: &Detection) -> &str {
    detection.actor.identifiers.first().map_or("somebody", |identifier| &identifier.value)
}

fn place(results: &Results, detection: &Detection) -> String {
    let endpoint = results.endpoints.iter().find(|endpoint| endpoint.id == detection.endpoint);
    endpoint.map_or_else(|| "nowhere".to_owned(), |endpoint| format!("{} {}", endpoint.method, endpoint.template))
}
