//! Scores what was said of abuse against what is known to be true: recall, precision, false alarms, time to detect.
//!
//! The truth of a scenario is a list of [`Attack`]s ([`truth::read`]). What a detector says is an [`Alarm`], whether it
//! comes from a [`Detection`] of ours or from one of the baselines everybody knows ([`naive`]). The rules, the same for
//! all of them:
//!
//! - An attack is **found** when an alarm names one of its actors (any identifier of the alarm's actor is one of the
//!   attack's), at one of its exchanges or within an hour after one of them. The kind need not be right; how often it
//!   was is counted beside.
//! - An alarmed actor that attacks nowhere in the scenario is a **false** one, however often it was alarmed about.
//! - **Precision** is the share of alarmed actors that do attack. Of a kind, it looks at the alarms of that kind alone.
//! - **Time to detect** is that of the first alarm that finds the attack: seconds from the attack's first exchange, and
//!   how many of its exchanges had happened by then.
//!
//! What has no value (the recall without attacks, the precision without alarms) is absent, never 0 or 1.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vedette_model::Timestamp;
use vedette_model::results::{Detection, Identifier};

pub mod naive;
mod score;
mod tally;
#[cfg(test)]
mod tests;
pub mod truth;

pub use score::judge;
pub use tally::Judged;
pub use truth::Attack;

/// Seconds after an exchange of an attack in which an alarm about its actor still counts as about the attack.
pub const GRACE_SECS: i64 = 3_600;

/// Exchanges of an attack or a false alarm that are listed, so that somebody can look them up.
const EXCHANGES_LISTED_MAX: usize = 5;

/// Identifiers of a distributed attack that are listed.
const IDENTIFIERS_LISTED_MAX: usize = 5;

/// What was said of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarm {
    /// Kind (`bola`), or the name of a baseline.
    pub kind: String,
    /// Id of the actor; empty when only its identifiers tell who it is.
    pub actor: String,
    /// What identifies the actor.
    pub identifiers: Vec<Identifier>,
    /// When it was recognized.
    pub at: Option<Timestamp>,
    /// Record numbers of the exchanges that show it.
    pub exchanges: Vec<u64>,
    /// In a few words.
    pub title: String,
}

impl From<&Detection> for Alarm {
    fn from(detection: &Detection) -> Self {
        Self {
            kind: detection.kind.clone(),
            actor: detection.actor.id.clone(),
            identifiers: detection.actor.identifiers.clone(),
            at: detection.at,
            // Evidence of a file names no exchange.
            exchanges: detection.evidence.iter().filter(|one| one.file.is_none()).map(|one| one.exchange).collect(),
            title: detection.title.clone(),
        }
    }
}

/// What a scenario is beside its attacks.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    /// Exchanges of its traffic.
    pub exchanges: u64,
    /// First and last time of its traffic, when it has times.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Times of the exchanges that belong to attacks, by record number.
    pub times: BTreeMap<u64, Timestamp>,
}

impl Ground {
    /// Days of the traffic; less than a day counts as one, for nobody knows what the rest of it would have been.
    pub fn days(&self) -> f64 {
        let secs = self.span.map_or(0.0, |(first, last)| last.0.abs_diff(first.0) as f64 / 1e6);
        (secs / 86_400.0).max(1.0)
    }
}

/// How well a set of alarms did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Share of attacks found; absent without attacks.
    pub recall: Option<f64>,
    /// Share of alarmed actors that attack; absent without alarms.
    pub precision: Option<f64>,
    /// Attacks there were.
    pub attacks: u64,
    /// Attacks found.
    pub found: u64,
    /// Attacks found by an alarm of the right kind too.
    pub kind_right: u64,
    /// Distinct actors that were alarmed about.
    pub alarmed_actors: u64,
    /// Those of them that attack nowhere.
    pub false_actors: u64,
    /// False actors per 100,000 exchanges.
    pub false_per_100k: f64,
    /// False actors a day.
    pub false_per_day: f64,
    /// Exchanges of an attack up to its first alarm, the median of the attacks found.
    pub median_exchanges_to_detect: Option<f64>,
    /// Seconds from an attack's first exchange to its first alarm, the median of the attacks found.
    pub median_secs_to_detect: Option<f64>,
}

/// Overall and by kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// All kinds together.
    pub overall: Score,
    /// By kind of attack or alarm.
    pub kinds: BTreeMap<String, Score>,
}

/// The whole document that `vedette evaluate --json` prints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// All scenarios together.
    #[serde(flatten)]
    pub scores: Scores,
    /// Each scenario, in the order given.
    pub scenarios: Vec<ScenarioReport>,
    /// The baselines on the same traffic, when they were asked for, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselines: Option<BTreeMap<String, Scores>>,
}

/// One scenario.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScenarioReport {
    /// Its name.
    pub name: String,
    /// Exchanges of its traffic.
    pub exchanges: u64,
    /// Days of its traffic, at least one.
    pub days: f64,
    /// How well the detections did.
    #[serde(flatten)]
    pub scores: Scores,
    /// Attacks that nothing found.
    pub missed: Vec<Missed>,
    /// Actors that were alarmed about and attack nowhere, once per kind of alarm.
    pub false_alarms: Vec<FalseAlarm>,
}

/// An attack that nothing found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// Kind.
    pub kind: String,
    /// How it was done, when the truth says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Who did it; of many, the first.
    pub actor: Vec<Identifier>,
    /// `METHOD template` that it aimed at.
    pub endpoint: String,
    /// How many exchanges it has.
    pub exchanges: u64,
    /// Record numbers of the first of them.
    pub first: Vec<u64>,
}

/// Somebody who was alarmed about and attacks nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FalseAlarm {
    /// Kind of the alarm.
    pub kind: String,
    /// Who.
    pub actor: Vec<Identifier>,
    /// What was said, in a few words.
    pub title: String,
    /// When it was said first.
    pub at: Option<Timestamp>,
    /// Record numbers of the first exchanges that were named.
    pub first: Vec<u64>,
}
