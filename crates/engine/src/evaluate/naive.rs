//! The baselines: what everybody builds first, on the same traffic and judged by the same rules.
//!
//! - [`threshold`]: so many requests, errors or paths a minute, per address.
//! - [`zscore`]: windows of an address that are far from the population's.
//! - [`markov`]: calls in an order that is rare in the population, per address.
//!
//! They are reasonable implementations, tuned neither to win nor to lose: constants are those that such rules ship
//! with, state is bounded by the same limits as everything else, and where hindsight is cheaper than a model of the
//! past (the population of `zscore`, the transitions of `markov`) they get hindsight. Exchanges must come in order of
//! time, in one thread; those without an address or a time are left out.

use std::net::IpAddr;

use vedette_model::results::Identifier;
use vedette_model::{Exchange, Timestamp};

use super::Alarm;

pub mod markov;
pub mod threshold;
pub mod zscore;

/// Alarms that one baseline gives at the most: enough for any recall, and a bound when it cries over everything.
const ALARMS_MAX: usize = 200_000;

/// All baselines, fed together.
#[derive(Default)]
pub struct Baselines {
    threshold: threshold::Threshold,
    zscore: zscore::ZScore,
    markov: markov::Markov,
}

impl Baselines {
    /// Looks at one exchange; `record` is its number in the traffic.
    pub fn observe(&mut self, exchange: &Exchange<'_>, record: u64) {
        let (Some(ip), Some(at)) = (exchange.client_ip, exchange.at) else { return };
        let call = Call { ip, at, record, exchange };
        self.threshold.observe(&call);
        self.zscore.observe(&call);
        self.markov.observe(&call);
    }

    /// The alarms of each, by name.
    pub fn conclude(self) -> Vec<(&'static str, Vec<Alarm>)> {
        vec![
            (threshold::NAME, self.threshold.conclude()),
            (zscore::NAME, self.zscore.conclude()),
            (markov::NAME, self.markov.conclude()),
        ]
    }
}

/// An exchange whose address and time are known.
struct Call<'a> {
    ip: IpAddr,
    at: Timestamp,
    record: u64,
    exchange: &'a Exchange<'a>,
}

impl Call<'_> {
    /// An answer with a status of 400 or more.
    fn is_error(&self) -> bool {
        self.exchange.status >= 400
    }
}

/// An alarm about an address at one of its exchanges.
fn alarm(baseline: &str, ip: IpAddr, at: Timestamp, record: u64, title: String) -> Alarm {
    Alarm {
        kind: baseline.to_owned(),
        actor: String::new(),
        identifiers: vec![Identifier { kind: "ip".to_owned(), value: ip.to_string() }],
        at: Some(at),
        exchanges: vec![record],
        title,
    }
}

/// Made-up calls for the tests of all baselines.
#[cfg(test)]
mod calls {
    use super::*;

    /// Calls of a baseline under test, each as (seconds, last byte of the address, path, status, bytes).
    pub(super) type Row<'a> = (i64, u8, &'a str, u16, u64);

    pub(super) fn play(rows: &[Row<'_>], mut observe: impl FnMut(&Call<'_>)) {
        for (record, (secs, client, path, status, bytes)) in rows.iter().enumerate() {
            let exchange = Exchange {
                method: "GET".into(),
                path: (*path).into(),
                status: *status,
                response_bytes: Some(*bytes),
                ..Exchange::default()
            };
            let (ip, at) = (IpAddr::from([192, 0, 2, *client]), Timestamp::from_secs(*secs));
            observe(&Call { ip, at, record: record as u64, exchange: &exchange });
        }
    }

    /// Last bytes of the addresses of some alarms.
    pub(super) fn clients(alarms: &[Alarm]) -> Vec<&str> {
        let mut clients: Vec<&str> =
            alarms.iter().filter_map(|one| one.identifiers[0].value.rsplit('.').next()).collect();
        clients.sort_unstable();
        clients.dedup();
        clients
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_baselines_see_the_same_and_say_the_same_again() {
        let run = || {
            let mut baselines = Baselines::default();
            for record in 0..5_000_u64 {
                let exchange = Exchange {
                    client_ip: Some(IpAddr::from([192, 0, 2, (record % 7) as u8])),
                    at: Some(Timestamp::from_secs(record.cast_signed() / 20)),
                    method: "GET".into(),
                    path: format!("/v1/boats/{}", record * 31 % 97).into(),
                    status: if record % 7 == 3 { 404 } else { 200 },
                    ..Exchange::default()
                };
                baselines.observe(&exchange, record);
            }
            baselines.observe(&Exchange { at: Some(Timestamp::from_secs(1)), ..Exchange::default() }, 5_000);
            baselines.conclude()
        };
        let said = run();
        assert_eq!(said, run());
        assert_eq!(said.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["fixed-threshold", "z-score", "markov"]);
        assert!(said[0].1.iter().all(|alarm| alarm.kind == "fixed-threshold" && !alarm.exchanges.is_empty()));
        assert!(!said[0].1.is_empty());
    }
}
