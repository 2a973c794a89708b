//! Detectors of abuse: who does what people here do not do. One file each; this is the registry.
//!
//! A detector reads the `World`: every call that is watched in order of time, with who made it, where it went, which
//! values it sent and whether its sender had been given them. It compares each actor with the others and alarms where
//! the surprise is below what the budget of false alarms allows (`World::alpha`). It says what was observed against
//! what is normal, and which exchanges show it.

use std::net::IpAddr;

use vedette_model::results::{Detection, Results, Severity};

use crate::actors::Actors;
use crate::labels::Labels;
use crate::watch::Watch;
use crate::watch::calibrate::MEMBERS_MIN;
use crate::watch::report;
use crate::watch::world::World;
use crate::{abuse, parallel};

mod account_takeover;
mod actor_spike;
mod bfla;
mod bola;
mod brute_force;
mod business_flow_abuse;
mod credential_stuffing;
mod data_exfiltration;
mod endpoint_spray;
mod enumeration;
mod excessive_data;
mod fake_account_creation;
mod jwt_tampering;
mod lateral_movement;
mod mass_assignment;
mod mcp_tool_change;
mod off_hours_access;
mod parameter_tampering;
mod password_spraying;
mod privilege_escalation;
mod query_intent;
mod recon_scan;
mod resource_exhaustion;
mod scraping;
mod sequence_anomaly;
mod token_theft;
mod traffic_spike;
mod unseen_parameter;
mod unseen_type;

/// What every detector says of itself.
#[derive(Debug)]
pub struct Meta {
    /// Kind (`bola`).
    pub id: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// Severity unless the detector says otherwise.
    pub severity: Severity,
    /// `API1:2023`.
    pub owasp: &'static [&'static str],
    /// ATT&CK technique ids.
    pub attack: &'static [&'static str],
    /// What to do, one sentence each.
    pub response: &'static [&'static str],
}

/// One detector.
pub struct Detector {
    /// What it says of itself.
    pub meta: Meta,
    /// Everybody whom it alarms about.
    pub(crate) judge: fn(&World<'_>) -> Vec<Alarm>,
}

/// Somebody did something that is abuse.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alarm {
    /// Number of the person.
    pub(crate) who: u32,
    /// Numbers of the calls that show it.
    pub(crate) calls: Vec<u32>,
    /// The call at which it was sure.
    pub(crate) at: u32,
    /// Number of the place.
    pub(crate) place: u32,
    /// How sure, 0 to 1.
    pub(crate) confidence: f64,
    /// Overrides the severity of [`Meta`].
    pub(crate) severity: Option<Severity>,
    /// Overrides the title of [`Meta`].
    pub(crate) title: Option<String>,
    /// Observed against normal, in a sentence.
    pub(crate) explanation: String,
    /// Addresses beside those of the calls.
    pub(crate) addresses: Vec<IpAddr>,
}

/// Every detector, in the order shown.
pub const DETECTORS: &[Detector] = &[
    bola::DETECTOR,
    bfla::DETECTOR,
    privilege_escalation::DETECTOR,
    mass_assignment::DETECTOR,
    parameter_tampering::DETECTOR,
    account_takeover::DETECTOR,
    credential_stuffing::DETECTOR,
    password_spraying::DETECTOR,
    brute_force::DETECTOR,
    token_theft::DETECTOR,
    jwt_tampering::DETECTOR,
    enumeration::DETECTOR,
    scraping::DETECTOR,
    data_exfiltration::DETECTOR,
    excessive_data::DETECTOR,
    resource_exhaustion::DETECTOR,
    actor_spike::DETECTOR,
    traffic_spike::DETECTOR,
    business_flow_abuse::DETECTOR,
    sequence_anomaly::DETECTOR,
    fake_account_creation::DETECTOR,
    recon_scan::DETECTOR,
    endpoint_spray::DETECTOR,
    unseen_parameter::DETECTOR,
    unseen_type::DETECTOR,
    lateral_movement::DETECTOR,
    off_hours_access::DETECTOR,
    query_intent::DETECTOR,
    mcp_tool_change::DETECTOR,
];

/// Calls below which nothing is judged: of so few nobody can say what is usual.
pub(crate) const CALLS_MIN: usize = 100;

/// Kinds that compare the actors of a place with one another, and how many of them they need.
pub(crate) const ACTORS_OF_PLACE_MIN: &[(&str, u64)] = &[
    ("bola", MEMBERS_MIN as u64),
    ("parameter-tampering", MEMBERS_MIN as u64),
    ("scraping", MEMBERS_MIN as u64),
    ("business-flow-abuse", MEMBERS_MIN as u64),
    ("sequence-anomaly", sequence_anomaly::PEOPLE_MIN as u64),
    ("mass-assignment", mass_assignment::WRITERS_MIN as u64),
    ("unseen-parameter", unseen_parameter::CALLERS_MIN as u64),
    ("unseen-type", unseen_type::PEOPLE_MIN as u64),
];

/// Kinds that compare an actor with everybody.
pub(crate) const AGAINST_EVERYBODY: &[&str] = &["data-exfiltration", "actor-spike", "endpoint-spray"];

/// Seconds for which a detection stays that is not made again.
const KEPT_SECS: i64 = 30 * 86_400;

/// Takes over detections of an earlier judgment that this one does not make again, because what showed them is watched no
/// more (it was given up for newer, or the server was restarted); those older than thirty days end.
pub fn carry_over(before: &[Detection], labels: &Labels, results: &mut Results) {
    let known: std::collections::HashSet<&str> = results.detections.iter().map(|one| one.id.as_str()).collect();
    let until = results.stats.last_seen;
    let young = |one: &&Detection| match (one.at, until) {
        (Some(at), Some(until)) => until.secs() - at.secs() <= KEPT_SECS,
        _ => true,
    };
    let fresh = before.iter().filter(|one| !known.contains(one.id.as_str()));
    let kept: Vec<Detection> = fresh.filter(young).filter(|one| labels.allow(one)).cloned().collect();
    if kept.is_empty() {
        return;
    }
    let mut all = std::mem::take(&mut results.detections);
    all.extend(kept);
    results.detections = report::settle(all);
    results.incidents = report::incidents(&results.detections);
    abuse::link(results);
}

/// Judges all that is watched and writes detections and incidents into the results.
pub(crate) fn judge(watch: &Watch, services: &[&str], actors: &Actors, results: &mut Results) {
    if watch.budget <= 0.0 {
        return;
    }
    let world = World::new(watch, services, results, actors);
    if world.calls.len() < CALLS_MIN {
        return;
    }
    let work: Vec<&Detector> = DETECTORS.iter().collect();
    let found: Vec<Vec<Detection>> = parallel::map(work, 1, |detector| {
        let alarms = (detector.judge)(&world);
        alarms.iter().filter_map(|alarm| report::detection(&world, &detector.meta, alarm)).collect()
    });
    let allowed = found.into_iter().flatten().filter(|detection| watch.labels.allow(detection));
    let detections = report::settle(allowed.collect());
    drop(world);
    results.incidents = report::incidents(&detections);
    results.detections = detections;
}
