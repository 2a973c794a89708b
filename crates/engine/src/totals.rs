//! Totals over all exchanges of a shard.

use std::collections::BTreeMap;

use vedette_model::results::Stats;
use vedette_model::{Anomaly, Exchange, Timestamp};
use vedette_parse::credentials::{AuthScheme, Credential};

use crate::actors::earliest;
use crate::engine::{METHODS, method_number};
use crate::sketch::{HoursOfWeek, Timeline};

/// What a source carried, in exchanges: says what could not be seen.
#[derive(Clone, Copy, Debug, Default)]
struct Carried {
    times: u64,
    headers: u64,
    request_bodies: u64,
    response_bodies: u64,
    durations: u64,
    hosts: u64,
    addresses: u64,
    credentials: u64,
}

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
    carried: Carried,
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
            carried: Carried::default(),
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
    pub(crate) fn observe(&mut self, exchange: &Exchange<'_>, credentials: &[Credential]) {
        self.exchanges += 1;
        add(&mut self.classes, usize::from(exchange.status / 100).min(5), 1);
        add(&mut self.methods, usize::from(method_number(&exchange.method)), 1);
        if let Some(at) = exchange.at {
            self.first_seen = earliest(self.first_seen, Some(at));
            self.last_seen = self.last_seen.max(Some(at));
            self.timeline.observe(at, exchange.status >= 400);
            self.hours.observe(at);
            self.carried.times += 1;
        }
        let c = &mut self.carried;
        c.headers += u64::from(exchange.has_headers);
        c.request_bodies += u64::from(exchange.request_body.is_some());
        c.response_bodies += u64::from(exchange.response_body.is_some());
        c.durations += u64::from(exchange.duration_us.is_some());
        c.hosts += u64::from(exchange.host.is_some() || exchange.service.is_some());
        c.addresses += u64::from(exchange.client_ip.is_some());
        // Keys in the URL and logged users survive a recorder that removes headers: they do not show that it did not.
        let carried = |c: &Credential| !c.in_url && !matches!(c.scheme, AuthScheme::SignedUrl | AuthScheme::LoggedUser);
        c.credentials += u64::from(credentials.iter().any(carried));
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
        let (c, o) = (&mut self.carried, &other.carried);
        c.times += o.times;
        c.headers += o.headers;
        c.request_bodies += o.request_bodies;
        c.response_bodies += o.response_bodies;
        c.durations += o.durations;
        c.hosts += o.hosts;
        c.addresses += o.addresses;
        c.credentials += o.credentials;
    }

    /// Last time seen: "now" of the analysis.
    pub(crate) fn as_of(&self) -> Option<Timestamp> {
        self.last_seen
    }

    /// Some exchange carried a credential, so the recorder did not remove them.
    pub(crate) fn credentials_seen(&self) -> bool {
        self.carried.credentials > 0
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
            blind_spots: self.blind_spots(),
            ..Stats::default()
        }
    }

    /// What the traffic did not carry and what therefore was not looked for.
    fn blind_spots(&self) -> Vec<String> {
        if self.exchanges == 0 {
            return Vec::new();
        }
        let c = &self.carried;
        let spots = [
            (c.response_bodies, "no response bodies: data classes, secrets and schemas of answers were not looked for"),
            (c.request_bodies, "no request bodies: body fields and their data classes were not looked for"),
            (c.headers, "no headers: authentication by header or cookie, CORS and security headers cannot be told"),
            (c.hosts, "no host: all exchanges count as one service; log the host name to tell services apart"),
            (c.durations, "no durations: latency cannot be told"),
            (c.addresses, "no client addresses: anonymous callers cannot be told apart"),
            (c.times, "no times: activity over time, dormant endpoints and order cannot be told"),
        ];
        let mut out: Vec<String> = spots.iter().filter(|(n, _)| *n == 0).map(|(_, s)| (*s).to_owned()).collect();
        if c.headers > 0 && c.credentials == 0 {
            out.push(
                "no exchange carries any credential: they were removed by the recorder or nothing is authenticated; \
                 missing authentication was not judged"
                    .to_owned(),
            );
        }
        out
    }
}

/// Kebab-case id of an anomaly.
fn anomaly_id(anomaly: Anomaly) -> String {
    serde_json::to_value(anomaly).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
