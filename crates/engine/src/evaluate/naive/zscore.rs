//! Standard scores per address: windows whose counts are far from the mean of all addresses' windows.
//!
//! The population is all of the traffic, future included: a deployment would learn it over weeks, and would not know
//! it better. A window is judged when it ends.

use std::net::IpAddr;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::Timestamp;
use vedette_model::limits::ACTORS_MAX;

use super::{ALARMS_MAX, Alarm, Call, alarm};
use crate::sketch::hash;

/// Its name in tables.
pub const NAME: &str = "z-score";

/// Seconds of a window.
const WINDOW_SECS: i64 = 20 * 60;

/// Standard deviations above the mean: the rule of three.
const DEVIATIONS_MAX: f64 = 3.0;

/// Distinct paths of a window that are counted.
const PATHS_MAX: usize = 4_096;

/// Windows that are kept to be judged; later ones are not. 72 bytes each.
const WINDOWS_MAX: usize = 2_000_000;

/// What is counted, as it is named to people.
const MEASURES: [&str; 4] = ["requests", "errors", "distinct paths", "response bytes"];

/// The state of all addresses. Past [`ACTORS_MAX`] addresses no new one is followed.
#[derive(Default)]
pub struct ZScore {
    open: HashMap<IpAddr, Open, FixedState>,
    closed: Vec<Window>,
}

/// The current window of an address.
struct Open {
    number: i64,
    window: Window,
    paths: HashSet<u64, FixedState>,
}

/// A window: whose, its last exchange, and the counts in the order of [`MEASURES`].
#[derive(Clone)]
struct Window {
    ip: IpAddr,
    at: Timestamp,
    record: u64,
    counts: [f64; 4],
}

impl ZScore {
    pub(super) fn observe(&mut self, call: &Call<'_>) {
        if self.open.len() >= ACTORS_MAX && !self.open.contains_key(&call.ip) {
            return;
        }
        let number = call.at.secs().div_euclid(WINDOW_SECS);
        let fresh = || Open {
            number,
            window: Window { ip: call.ip, at: call.at, record: call.record, counts: [0.0; 4] },
            paths: HashSet::default(),
        };
        let open = self.open.entry(call.ip).or_insert_with(fresh);
        if open.number != number {
            let ended = std::mem::replace(open, fresh());
            if self.closed.len() < WINDOWS_MAX {
                self.closed.push(ended.window);
            }
        }
        if open.paths.len() < PATHS_MAX {
            open.paths.insert(hash(call.exchange.path.as_bytes()));
        }
        let window = &mut open.window;
        (window.at, window.record) = (call.at, call.record);
        let [requests, errors, paths, bytes] = &mut window.counts;
        *requests += 1.0;
        *errors += f64::from(u8::from(call.is_error()));
        *paths = open.paths.len() as f64;
        *bytes += call.exchange.response_bytes.unwrap_or(0) as f64;
    }

    pub(super) fn conclude(self) -> Vec<Alarm> {
        let mut windows = self.closed;
        let room = WINDOWS_MAX.saturating_sub(windows.len());
        windows.extend(self.open.into_values().map(|open| open.window).take(room));
        // The order of a hash map is no order to report in.
        windows.sort_unstable_by_key(|window| (window.at, window.record));
        let population = std::array::from_fn::<_, 4, _>(|measure| Spread::of(&windows, measure));
        let alarms = windows.iter().filter_map(|window| {
            let far = population.iter().zip(&window.counts).zip(MEASURES).find_map(|((spread, count), measure)| {
                let deviations = spread.deviations(*count);
                (deviations > DEVIATIONS_MAX).then(|| {
                    format!("{count} {measure} in 20 minutes are {deviations:.1} standard deviations above the mean")
                })
            });
            Some(alarm(NAME, window.ip, window.at, window.record, far?))
        });
        alarms.take(ALARMS_MAX).collect()
    }
}

/// Mean and standard deviation of a measure over all windows.
struct Spread {
    mean: f64,
    deviation: f64,
}

impl Spread {
    fn of(windows: &[Window], measure: usize) -> Self {
        let values = || windows.iter().filter_map(|window| window.counts.get(measure));
        let count = windows.len().max(1) as f64;
        let mean = values().sum::<f64>() / count;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        Self { mean, deviation: variance.sqrt() }
    }

    fn deviations(&self, value: f64) -> f64 {
        // Counts are whole: where all are the same, one more is one deviation.
        (value - self.mean) / self.deviation.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::calls::{clients, play};
    use super::*;

    #[test]
    fn windows_far_from_the_rest_are_told() {
        // Forty addresses read four boats a window for three windows, one downloads, one is refused all the time.
        let mut rows = Vec::new();
        for window in 0..3 {
            for client in 0..40 {
                rows.extend((0..4).map(|n| (window * 1_200 + n * 200, client, "/v1/boats/1", 200, 1_000)));
            }
        }
        rows.extend((0..5).map(|n| (3_000 + n, 50, "/v1/export", 200, 9_000_000)));
        rows.extend((0..6).map(|n| (3_000 + n, 51, "/v1/boats/2", 403, 100)));
        let mut zscore = ZScore::default();
        play(&rows, |call| zscore.observe(call));
        let alarms = zscore.conclude();
        assert_eq!(clients(&alarms), ["50", "51"]);
        assert!(
            alarms.iter().any(|one| one.title.starts_with("45000000 response bytes in 20 minutes are ")),
            "{alarms:?}"
        );
        assert_eq!(alarms.iter().map(|one| one.exchanges[0]).collect::<Vec<_>>(), [484, 490], "when the window ends");
    }

    #[test]
    fn where_all_are_the_same_nobody_is_told() {
        let rows: Vec<_> = (0..30).map(|client| (i64::from(client), client, "/v1/boats", 200, 10)).collect();
        let mut zscore = ZScore::default();
        play(&rows, |call| zscore.observe(call));
        assert!(zscore.conclude().is_empty());
    }
}
