//! Totals over all exchanges of a shard.

use std::collections::BTreeMap;

use vedette_model::results::Stats;
use vedette_model::{Anomaly, Exchange, Timestamp};
use vedette_parse::stored;
use vedette_parse::stored::{Codec, Damaged, Reader, Stored};

use crate::actors::earliest;
use crate::engine::{METHODS, known_method, method_number};
use crate::sketch::{HoursOfWeek, Timeline};

/// Mergeable totals.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    pub(crate) exchanges: u64,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    classes: [u64; 6],
    methods: [u64; METHODS.len()],
    anomalies: BTreeMap<Anomaly, u64>,
    timeline: Timeline,
    hours: HoursOfWeek,
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            exchanges: 0,
            first_seen: None,
            last_seen: None,
            classes: [0; 6],
            methods: [0; METHODS.len()],
            anomalies: BTreeMap::new(),
            timeline: Timeline::default(),
            hours: HoursOfWeek::default(),
        }
    }
}

fn add(counts: &mut [u64], at: usize, n: u64) {
    if let Some(count) = counts.get_mut(at) {
        *count += n;
    }
}

impl Totals {
    /// Counts one exchange.
    pub(crate) fn observe(&mut self, exchange: &Exchange<'_>) {
        self.exchanges += 1;
        add(&mut self.classes, usize::from(exchange.status / 100).min(5), 1);
        add(&mut self.methods, usize::from(method_number(&exchange.method)), 1);
        if let Some(at) = exchange.at {
            self.first_seen = earliest(self.first_seen, Some(at));
            self.last_seen = self.last_seen.max(Some(at));
            self.timeline.observe(at, exchange.status >= 400);
            self.hours.observe(at);
        }
        self.count_anomalies(&exchange.anomalies);
    }

    /// Counts oddities.
    pub(crate) fn count_anomalies(&mut self, anomalies: &[Anomaly]) {
        for anomaly in anomalies {
            *self.anomalies.entry(*anomaly).or_default() += 1;
        }
    }

    /// Adds what another shard counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.exchanges += other.exchanges;
        self.first_seen = earliest(self.first_seen, other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        other.classes.iter().enumerate().for_each(|(i, n)| add(&mut self.classes, i, *n));
        other.methods.iter().enumerate().for_each(|(i, n)| add(&mut self.methods, i, *n));
        self.hours.merge(&other.hours);
        for (anomaly, n) in &other.anomalies {
            *self.anomalies.entry(*anomaly).or_default() += n;
        }
        self.timeline.merge(&other.timeline);
    }

    /// Last time seen: "now" of the analysis.
    pub(crate) fn as_of(&self) -> Option<Timestamp> {
        self.last_seen
    }

    /// The totals for the results.
    pub(crate) fn conclude(&self) -> Stats {
        let names = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];
        let nonzero = |(name, n): (&&str, &u64)| (*n > 0).then(|| ((*name).to_owned(), *n));
        Stats {
            exchanges: self.exchanges,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            statuses: names.iter().zip(&self.classes).filter_map(nonzero).collect(),
            methods: METHODS.iter().zip(&self.methods).filter_map(nonzero).collect(),
            anomalies: self.anomalies.iter().map(|(a, n)| (anomaly_id(*a), *n)).collect(),
            timeline: self.timeline.to_results(),
            hours_of_week: self.hours.to_vec(),
            ..Stats::default()
        }
    }
}

stored!(Totals {
    exchanges,
    first_seen,
    last_seen,
    classes as StatusClasses,
    methods as ByMethod,
    anomalies as ByAnomaly,
    timeline,
    hours,
});

/// Counts by class of status.
struct StatusClasses;

impl Codec<[u64; 6]> for StatusClasses {
    fn store(value: &[u64; 6], out: &mut Vec<u8>) {
        for count in value {
            count.store(out);
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<[u64; 6], Damaged> {
        let mut counts = [0; 6];
        for count in &mut counts {
            *count = Stored::load(from)?;
        }
        Ok(counts)
    }
}

/// Counts by number of the method.
struct ByMethod;

impl Codec<[u64; METHODS.len()]> for ByMethod {
    fn store(value: &[u64; METHODS.len()], out: &mut Vec<u8>) {
        value.to_vec().store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<[u64; METHODS.len()], Damaged> {
        let mut counts = [0; METHODS.len()];
        for (number, count) in (0..).zip(Vec::<u64>::load(from)?) {
            add(&mut counts, usize::from(known_method(from, number)?), count);
        }
        Ok(counts)
    }
}

/// Counts by the id of the anomaly; those that are not known any more are left out.
struct ByAnomaly;

impl Codec<BTreeMap<Anomaly, u64>> for ByAnomaly {
    fn store(value: &BTreeMap<Anomaly, u64>, out: &mut Vec<u8>) {
        let by_id: BTreeMap<String, u64> =
            value.iter().map(|(anomaly, count)| (anomaly_id(*anomaly), *count)).collect();
        by_id.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<BTreeMap<Anomaly, u64>, Damaged> {
        let known = |(id, count)| Some((serde_json::from_value(serde_json::Value::String(id)).ok()?, count));
        Ok(BTreeMap::<String, u64>::load(from)?.into_iter().filter_map(known).collect())
    }
}

/// Kebab-case id of an anomaly.
fn anomaly_id(anomaly: Anomaly) -> String {
    serde_json::to_value(anomaly).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
