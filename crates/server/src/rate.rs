//! How often one may ask: a bucket per caller and one per address (GCRA, by `governor`).
//!
//! The address is judged first, before anything is looked up, so that guessing tokens is slow. Who is known is judged by
//! name. `POST /v1/exchanges` has no bucket of its own: the node's back-pressure is the better judge of what it can take.
//! The answer says what is left (draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy`, `RateLimit`).

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use vedette_model::limits::RATE_KEYS_MAX;

use crate::address;
use crate::auth::Principal;
use crate::problem::{Kind, Problem};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// How many requests.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// In the long run, per second.
    pub per_second: NonZeroU32,
    /// At once.
    pub burst: NonZeroU32,
}

/// The limits of one server.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Per user or token.
    pub principal: Rate,
    /// Per address (IPv6: per /64), everybody behind it together.
    pub address: Rate,
}

impl Default for Rates {
    /// A dashboard asks some dozens of things at once when it opens, then a few per second; an office behind one address
    /// has some dozens of dashboards.
    fn default() -> Self {
        let rate = |per_second: u32, burst: u32| Rate {
            per_second: NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN),
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
        };
        Self { principal: rate(50, 500), address: rate(500, 5_000) }
    }
}

type Buckets<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// Buckets of all callers. Bounded: beyond [`RATE_KEYS_MAX`] keys, full buckets are forgotten first; when that frees
/// nothing, newcomers share one.
pub struct Limiter {
    principals: Buckets<Option<(String, String)>>,
    addresses: Buckets<Option<IpAddr>>,
    rates: Rates,
    clock: DefaultClock,
    started: Instant,
    shrunk_secs: AtomicU64,
}

impl Limiter {
    /// Empty buckets.
    pub fn new(rates: Rates) -> Arc<Self> {
        let quota = |rate: Rate| Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Arc::new(Self {
            principals: RateLimiter::dashmap_with_clock(quota(rates.principal), DefaultClock::default())
                .with_middleware(),
            addresses: RateLimiter::dashmap_with_clock(quota(rates.address), DefaultClock::default()).with_middleware(),
            rates,
            clock: DefaultClock::default(),
            started: Instant::now(),
            shrunk_secs: AtomicU64::new(0),
        })
    }

    /// Takes one request out of a bucket: requests left, or seconds to wait.
    fn take<K: Hash + Eq + Clone>(&self, buckets: &Buckets<Option<K>>, key: K) -> Result<u32, u64> {
        if buckets.len() >= RATE_KEYS_MAX && self.may_shrink() {
            buckets.retain_recent();
        }
        let key = (buckets.len() < RATE_KEYS_MAX).then_some(key);
        match buckets.check_key(&key) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(wait) => Err(wait.wait_time_from(self.clock.now()).as_secs() + 1),
        }
    }

    /// Looking through all buckets takes milliseconds: at most once a second.
    fn may_shrink(&self) -> bool {
        let now = self.started.elapsed().as_secs() + 1;
        self.shrunk_secs.swap(now, Ordering::Relaxed) != now
    }
}

/// Judges by address. Outermost of the two.
pub async fn by_address(State(limiter): State<Arc<Limiter>>, request: Request, next: Next) -> Response {
    if let Some(address) = address::of(&request).filter(|address| !address.is_loopback())
        && let Err(secs) = limiter.take(&limiter.addresses, address::client(address))
    {
        return refusal("address", limiter.rates.address, secs);
    }
    next.run(request).await
}

/// Judges by name, once it is known.
pub async fn by_principal(State(limiter): State<Arc<Limiter>>, request: Request, next: Next) -> Response {
    let name = request.extensions().get::<Principal>().map(|known| (known.tenant.clone(), known.id.clone()));
    let Some(name) = name.filter(|_| request.uri().path() != "/v1/exchanges") else { return next.run(request).await };
    match limiter.take(&limiter.principals, name) {
        Ok(left) => {
            let mut response = next.run(request).await;
            tell(&mut response, "principal", limiter.rates.principal, u64::from(left), 1);
            response
        }
        Err(secs) => refusal("principal", limiter.rates.principal, secs),
    }
}

fn refusal(policy: &str, rate: Rate, secs: u64) -> Response {
    let problem = Problem::new(Kind::TooManyRequests, format!("more than {} requests per second", rate.per_second));
    let mut response = problem.retry_after_secs(secs).into_response();
    tell(&mut response, policy, rate, 0, secs);
    response
}

fn tell(response: &mut Response, policy: &str, rate: Rate, left: u64, reset_secs: u64) {
    let window_secs = rate.burst.get().div_ceil(rate.per_second.get());
    let texts = [
        (POLICY, format!("\"{policy}\";q={};w={window_secs}", rate.burst)),
        (LEFT, format!("\"{policy}\";r={left};t={reset_secs}")),
    ];
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(burst: u32) -> Arc<Limiter> {
        let rate = Rate { per_second: NonZeroU32::MIN, burst: NonZeroU32::new(burst).unwrap() };
        Limiter::new(Rates { principal: rate, address: rate })
    }

    #[test]
    fn a_bucket_empties_and_says_when_to_come_back() {
        let limiter = limiter(3);
        let key: IpAddr = "192.0.2.1".parse().unwrap();
        let left: Vec<_> = (0..3).map(|_| limiter.take(&limiter.addresses, key).unwrap()).collect();
        assert_eq!(left, [2, 1, 0]);
        assert!(limiter.take(&limiter.addresses, key).is_err_and(|secs| (1..=2).contains(&secs)));
        assert!(limiter.take(&limiter.addresses, "192.0.2.2".parse().unwrap()).is_ok(), "others are not punished");
    }

    #[test]
    fn a_million_addresses_do_not_fill_the_memory() {
        let limiter = limiter(1);
        for n in 0..RATE_KEYS_MAX as u32 + 1_000 {
            let _ = limiter.take(&limiter.addresses, IpAddr::from(n.to_be_bytes()));
        }
        assert!(limiter.addresses.len() <= RATE_KEYS_MAX + 1);
    }
}
