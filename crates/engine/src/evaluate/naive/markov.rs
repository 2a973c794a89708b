//! A first-order Markov chain over endpoints, per address: calls in an order that the population rarely has.
//!
//! An endpoint is the method with the path, identifiers in it replaced. Transitions are counted over all of the
//! traffic, within visits. An address is told when the geometric mean of the probabilities of its last transitions
//! falls below the cut-off: judged one by one, any API with more than twenty endpoints would cry at every click.

use std::collections::VecDeque;
use std::fmt::Write;
use std::net::IpAddr;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::Timestamp;
use vedette_model::limits::ACTORS_MAX;

use super::{ALARMS_MAX, Alarm, Call, alarm};

/// Its name in tables.
pub const NAME: &str = "markov";

/// Probability of a transition below which it counts as abnormal.
const PROBABILITY_MIN: f64 = 0.05;

/// Transitions that are judged together: at least, and at most.
const TRANSITIONS_MIN: usize = 5;
const TRANSITIONS_MAX: usize = 10;

/// Seconds of silence after which a visit is over.
const VISIT_GAP_SECS: i64 = 30 * 60;

/// Distinct endpoints; later ones share one number.
const ENDPOINTS_MAX: usize = 20_000;

/// Calls that are kept to be judged; later ones are not. 24 bytes each.
const CALLS_MAX: usize = 4_000_000;

/// All calls, small.
#[derive(Default)]
pub struct Markov {
    endpoints: HashMap<Box<str>, u32, FixedState>,
    /// Number and last call of each address.
    addresses: HashMap<IpAddr, u32, FixedState>,
    last: Vec<Last>,
    counts: HashMap<(u32, u32), u32, FixedState>,
    totals: HashMap<u32, u32, FixedState>,
    calls: Vec<Kept>,
    key: String,
}

/// The last call of an address.
struct Last {
    ip: IpAddr,
    at: Timestamp,
    endpoint: u32,
}

/// One transition to be judged.
struct Kept {
    address: u32,
    from: u32,
    to: u32,
    /// The visit began with the call before.
    first: bool,
    record: u64,
    at: Timestamp,
}

impl Markov {
    pub(super) fn observe(&mut self, call: &Call<'_>) {
        let endpoint = self.endpoint(call);
        let Some(number) = self.addresses.get(&call.ip).copied() else {
            if self.last.len() < ACTORS_MAX {
                self.addresses.insert(call.ip, self.last.len() as u32);
                self.last.push(Last { ip: call.ip, at: call.at, endpoint: endpoint | FIRST });
            }
            return;
        };
        let Some(last) = self.last.get_mut(number as usize) else { return };
        let over = call.at.secs() - last.at.secs() > VISIT_GAP_SECS;
        let before = std::mem::replace(
            last,
            Last { ip: call.ip, at: call.at, endpoint: if over { endpoint | FIRST } else { endpoint } },
        );
        if over {
            return;
        }
        let from = before.endpoint & !FIRST;
        *self.counts.entry((from, endpoint)).or_default() += 1;
        *self.totals.entry(from).or_default() += 1;
        if self.calls.len() < CALLS_MAX {
            let first = before.endpoint & FIRST != 0;
            self.calls.push(Kept { address: number, from, to: endpoint, first, record: call.record, at: call.at });
        }
    }

    fn endpoint(&mut self, call: &Call<'_>) -> u32 {
        self.key.clear();
        nameless(&call.exchange.method, &call.exchange.path, &mut self.key);
        if let Some(number) = self.endpoints.get(self.key.as_str()) {
            return *number;
        }
        let number = self.endpoints.len() as u32;
        if self.endpoints.len() >= ENDPOINTS_MAX {
            return number;
        }
        self.endpoints.insert(self.key.as_str().into(), number);
        number
    }

    pub(super) fn conclude(self) -> Vec<Alarm> {
        let mut recent: Vec<VecDeque<f64>> = vec![VecDeque::new(); self.last.len()];
        let mut alarms = Vec::new();
        for kept in &self.calls {
            let Some(recent) = recent.get_mut(kept.address as usize) else { continue };
            if kept.first {
                recent.clear();
            }
            if recent.len() == TRANSITIONS_MAX {
                recent.pop_front();
            }
            recent.push_back(self.probability(kept).ln());
            let mean = recent.iter().sum::<f64>() / recent.len() as f64;
            if recent.len() < TRANSITIONS_MIN || mean >= PROBABILITY_MIN.ln() || alarms.len() >= ALARMS_MAX {
                continue;
            }
            let Some(last) = self.last.get(kept.address as usize) else { continue };
            let title = format!(
                "the last {} transitions have a probability of {:.1} % each, on average",
                recent.len(),
                mean.exp() * 100.0
            );
            alarms.push(alarm(NAME, last.ip, kept.at, kept.record, title));
            recent.clear();
        }
        alarms
    }

    /// Share of the transitions from an endpoint that lead to another, of the whole population.
    fn probability(&self, kept: &Kept) -> f64 {
        let count = self.counts.get(&(kept.from, kept.to)).copied().unwrap_or(1);
        let total = self.totals.get(&kept.from).copied().unwrap_or(count);
        f64::from(count) / f64::from(total.max(1))
    }
}

/// Marks the endpoint of a visit's first call; [`ENDPOINTS_MAX`] leaves the bit free.
const FIRST: u32 = 1 << 31;

/// `GET /v1/boats/{}/berths`: segments with a digit are identifiers, unless they are a version.
fn nameless(method: &str, path: &str, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{method} ");
    for segment in path.split('/').skip(1) {
        let version = segment.strip_prefix('v').is_some_and(|rest| rest.len() <= 2 && is_number(rest));
        let identifier = segment.bytes().any(|byte| byte.is_ascii_digit()) && !version;
        let _ = write!(out, "/{}", if identifier { "{}" } else { segment });
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::calls::{clients, play};
    use super::*;

    #[test]
    fn identifiers_make_no_endpoint() {
        for (path, endpoint) in [
            ("/v1/boats/4711/berths", "GET /v1/boats/{}/berths"),
            ("/api/v12/users/6f9619ff-8b86-d011-b42d-00cf4fc964ff", "GET /api/v12/users/{}"),
            ("/", "GET /"),
            ("/inv-2026-0001.pdf", "GET /{}"),
            ("*", "GET "),
        ] {
            let mut key = String::new();
            nameless("GET", path, &mut key);
            assert_eq!(key, endpoint, "{path}");
        }
    }

    #[test]
    fn an_order_that_nobody_has_is_told_and_the_usual_one_is_not() {
        let mut rows = Vec::new();
        for client in 0..50 {
            let visit = ["/login", "/v1/boats", "/v1/boats/7", "/logout"].iter().cycle().take(20);
            rows.extend((0..).zip(visit).map(|(step, path)| (i64::from(client) * 10 + step, client, *path, 200, 0)));
        }
        let odd = ["/logout", "/v1/boats/8", "/login", "/logout", "/v1/boats", "/login", "/v1/boats/9"];
        rows.extend((0..).zip(odd).map(|(n, path)| (9_000 + n, 99, path, 200, 0)));
        // The same, an hour between any two calls: no visit long enough.
        rows.extend((0..).zip(odd).map(|(n, path)| (20_000 + n * 3_600, 98, path, 200, 0)));
        let mut markov = Markov::default();
        play(&rows, |call| markov.observe(call));
        let alarms = markov.conclude();
        assert_eq!(clients(&alarms), ["99"]);
        assert_eq!((alarms.len(), alarms[0].exchanges.as_slice()), (1, &[1_005][..]), "at the fifth transition");
    }
}
