//! Fixed thresholds per address and minute: the rate limits and crawl rules of gateways and firewalls.

use std::net::IpAddr;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::limits::ACTORS_MAX;

use super::{ALARMS_MAX, Alarm, Call, alarm};
use crate::sketch::hash;

/// Its name in tables.
pub const NAME: &str = "fixed-threshold";

/// Seconds of the window.
const WINDOW_SECS: i64 = 60;

/// Requests a minute: the burst at which the OWASP core rule set's protection against floods steps in by default.
const REQUESTS_MAX: u32 = 100;

/// Distinct paths a minute: between the crawl rules that gateways ship, which begin at forty, and a busy office.
const PATHS_MAX: usize = 60;

/// Share of a minute's answers that are errors, and the requests it takes to speak of a share.
const ERROR_SHARE_MAX: f64 = 0.5;
const ERROR_REQUESTS_MIN: u32 = 20;

/// The state of all addresses. Past [`ACTORS_MAX`] addresses no new one is followed.
#[derive(Default)]
pub struct Threshold {
    addresses: HashMap<IpAddr, Minute, FixedState>,
    alarms: Vec<Alarm>,
}

/// The current minute of an address.
#[derive(Default)]
struct Minute {
    number: i64,
    requests: u32,
    errors: u32,
    /// Hashes of its paths, up to one past the threshold.
    paths: HashSet<u64, FixedState>,
    /// It was alarmed about in this minute.
    alarmed: bool,
}

impl Threshold {
    pub(super) fn observe(&mut self, call: &Call<'_>) {
        if self.addresses.len() >= ACTORS_MAX && !self.addresses.contains_key(&call.ip) {
            return;
        }
        let number = call.at.secs().div_euclid(WINDOW_SECS);
        let minute = self.addresses.entry(call.ip).or_default();
        if minute.number != number {
            *minute = Minute { number, ..Minute::default() };
        }
        minute.requests += 1;
        minute.errors += u32::from(call.is_error());
        if minute.paths.len() <= PATHS_MAX {
            minute.paths.insert(hash(call.exchange.path.as_bytes()));
        }
        if minute.alarmed || self.alarms.len() >= ALARMS_MAX {
            return;
        }
        if let Some(reason) = minute.exceeded() {
            minute.alarmed = true;
            self.alarms.push(alarm(NAME, call.ip, call.at, call.record, reason));
        }
    }

    pub(super) fn conclude(self) -> Vec<Alarm> {
        self.alarms
    }
}

impl Minute {
    fn exceeded(&self) -> Option<String> {
        if self.requests > REQUESTS_MAX {
            return Some(format!("more than {REQUESTS_MAX} requests in a minute"));
        }
        if self.paths.len() > PATHS_MAX {
            return Some(format!("more than {PATHS_MAX} paths in a minute"));
        }
        let share = f64::from(self.errors) / f64::from(self.requests.max(1));
        let many = self.requests >= ERROR_REQUESTS_MIN && share > ERROR_SHARE_MAX;
        many.then(|| format!("{} of {} answers in a minute were errors", self.errors, self.requests))
    }
}

#[cfg(test)]
mod tests {
    use super::super::calls::{clients, play};
    use super::*;

    #[test]
    fn floods_crawls_and_failures_are_told_and_a_busy_reader_is_not() {
        let paths: Vec<String> = (0..61).map(|n| format!("/v1/boats/{n}")).collect();
        let mut rows = Vec::new();
        rows.extend((0..101).map(|n| (n / 2, 1, "/v1/berths", 200, 0)));
        rows.extend((0..61).map(|n| (60 + n / 2, 2, paths[n as usize].as_str(), 200, 0)));
        rows.extend((0..20).map(|n| (120 + n, 3, "/login", if n < 11 { 401 } else { 200 }, 0)));
        rows.extend((0..100).map(|n| (180 + n / 2, 4, paths[n as usize % 60].as_str(), 200, 0)));
        rows.extend((0..19).map(|n| (240 + n, 5, "/login", 401, 0)));
        // The same hundred and one over a minute's end.
        rows.extend((0..101).map(|n| (330 + n / 2, 6, "/v1/berths", 200, 0)));
        let mut threshold = Threshold::default();
        play(&rows, |call| threshold.observe(call));
        let alarms = threshold.conclude();
        assert_eq!(clients(&alarms), ["1", "2", "3"]);
        assert_eq!(alarms[0].exchanges, [100], "at the exchange that was one too many");
        assert_eq!(alarms.len(), 3, "once a minute");
    }
}
