//! Slows down whoever guesses: by the client's address and by the name that is tried.
//!
//! Every attempt counts before it is judged, so that a hundred at once are a hundred; one that succeeds gives its count
//! back. Past a few free ones, each failure doubles the wait. Names wait a minute at most: nobody can lock a person out
//! by failing for them, and a minute a guess is slow enough for passwords of this length.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use vedette_model::Timestamp;
use vedette_model::limits::LOGIN_FAILURES_KEPT_MAX;

use crate::address;
use crate::problem::{Kind, Problem};

/// How failures of one sort are slowed down.
struct Rule {
    /// Failures that cost nothing.
    free: u32,
    /// Longest wait.
    wait_max: Duration,
}

/// Many people share an address (an office), so some failures are theirs.
const ADDRESS: Rule = Rule { free: 20, wait_max: Duration::from_mins(15) };

/// People mistype their own password a few times.
const NAME: Rule = Rule { free: 5, wait_max: Duration::from_mins(1) };

/// Failures are forgotten after this long without another.
const FORGOTTEN: Duration = Duration::from_hours(1);

/// What failed lately. Bounded: the failure that is longest ago makes room.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    addresses: Mutex<HashMap<IpAddr, Failures>>,
    names: Mutex<HashMap<(String, String), Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last_at: Timestamp,
}

impl Throttle {
    /// Counts an attempt to log in; 429 with the time to wait when it comes too early (it does not count then).
    pub(super) fn attempt(
        &self,
        from: Option<IpAddr>,
        tenant: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let name = (tenant.to_owned(), name.to_owned());
        let from = from.map(address::client);
        let wait = from.and_then(|from| wait(&self.addresses, &from, &ADDRESS, now));
        let wait = wait.max(self::wait(&self.names, &name, &NAME, now));
        if let Some(wait) = wait {
            let secs = wait.as_secs().max(1);
            return Err(Problem::new(Kind::TooManyRequests, "too many failed logins").retry_after_secs(secs));
        }
        if let Some(from) = from {
            count(&self.addresses, from, now);
        }
        count(&self.names, name, now);
        Ok(())
    }

    /// Takes the count of an address back whose password was right and whose code is still to come. The name keeps its
    /// count until the code was right too.
    pub(super) fn half_way(&self, from: Option<IpAddr>) {
        if let Some(from) = from.map(address::client)
            && let Some(failures) = lock(&self.addresses).get_mut(&from)
        {
            failures.count = failures.count.saturating_sub(1);
        }
    }

    /// Takes the count of an attempt back that succeeded: the name's failures are forgotten, the address's stay but
    /// for this one.
    pub(super) fn succeed(&self, from: Option<IpAddr>, tenant: &str, name: &str) {
        lock(&self.names).remove(&(tenant.to_owned(), name.to_owned()));
        self.half_way(from);
    }
}

fn lock<K>(map: &Mutex<HashMap<K, Failures>>) -> std::sync::MutexGuard<'_, HashMap<K, Failures>> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long the key must still wait.
fn wait<K: Hash + Eq>(map: &Mutex<HashMap<K, Failures>>, key: &K, rule: &Rule, now: Timestamp) -> Option<Duration> {
    let failures = lock(map).get(key).copied()?;
    let past = since(failures.last_at, now);
    if past >= FORGOTTEN || failures.count < rule.free {
        return None;
    }
    let doubled = 1_u64.checked_shl(failures.count - rule.free).unwrap_or(u64::MAX);
    let wait = Duration::from_secs(doubled).min(rule.wait_max);
    wait.checked_sub(past).filter(|left| !left.is_zero())
}

fn count<K: Hash + Eq + Clone>(map: &Mutex<HashMap<K, Failures>>, key: K, now: Timestamp) {
    let mut map = lock(map);
    if map.len() >= LOGIN_FAILURES_KEPT_MAX && !map.contains_key(&key) {
        map.retain(|_, failures| since(failures.last_at, now) < FORGOTTEN);
        let oldest = map.iter().min_by_key(|(_, failures)| failures.last_at).map(|(key, _)| key.clone());
        if let Some(oldest) = oldest.filter(|_| map.len() >= LOGIN_FAILURES_KEPT_MAX) {
            map.remove(&oldest);
        }
    }
    let failures = map.entry(key).or_insert(Failures { count: 0, last_at: now });
    if since(failures.last_at, now) >= FORGOTTEN {
        failures.count = 0;
    }
    failures.count = failures.count.saturating_add(1);
    failures.last_at = now;
}

/// Time from `then` to `now`; none when the clock went back.
fn since(then: Timestamp, now: Timestamp) -> Duration {
    Duration::from_micros(u64::try_from(now.0.saturating_sub(then.0)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + secs)
    }

    fn from(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_name_is_slowed_from_every_address_and_never_longer_than_a_minute() {
        let throttle = Throttle::default();
        for guess in 0..5 {
            throttle.attempt(from(&format!("192.0.2.{guess}")), "default", "ada", at(0)).unwrap();
        }
        let refused = throttle.attempt(from("192.0.2.99"), "default", "ada", at(0)).unwrap_err();
        assert_eq!(refused.kind(), Kind::TooManyRequests);
        throttle.attempt(from("192.0.2.99"), "default", "bob", at(0)).unwrap();
        throttle.attempt(from("192.0.2.99"), "other", "ada", at(0)).unwrap();
        // Fifty patient failures later it is still a minute.
        let mut now = 2;
        for _ in 0..50 {
            throttle.attempt(None, "default", "ada", at(now)).unwrap();
            assert!(throttle.attempt(None, "default", "ada", at(now)).is_err());
            now += 60;
        }
        throttle.attempt(None, "default", "ada", at(now)).unwrap();
        throttle.succeed(None, "default", "ada");
        throttle.attempt(None, "default", "ada", at(now)).unwrap();
    }

    #[test]
    fn an_address_is_slowed_whatever_names_it_tries() {
        let throttle = Throttle::default();
        for guess in 0..20 {
            throttle.attempt(from("192.0.2.1"), "default", &format!("user{guess}"), at(0)).unwrap();
        }
        assert!(throttle.attempt(from("192.0.2.1"), "default", "another", at(0)).is_err());
        throttle.attempt(from("192.0.2.2"), "default", "another", at(0)).unwrap();
        throttle.attempt(from("192.0.2.1"), "default", "another", at(3600)).unwrap();
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let throttle = Throttle::default();
        for (guess, secs) in (0..LOGIN_FAILURES_KEPT_MAX + 100).zip(0..) {
            throttle.attempt(None, "default", &guess.to_string(), at(secs / 1_000)).unwrap();
        }
        assert_eq!(lock(&throttle.names).len(), LOGIN_FAILURES_KEPT_MAX);
    }
}
