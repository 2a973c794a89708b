//! Which authentication an endpoint's callers use: a mergeable tally per scheme and carrier.

use vedette_model::results::Authentication;
use vedette_model::{Exchange, Timestamp};
use vedette_parse::credentials::{AuthScheme, Credential, Jwt};
use vedette_parse::stored;
use vedette_parse::stored::Wide;

/// Scheme and carrier pairs kept per endpoint; a forged header name must not grow it.
const ENTRIES_MAX: usize = 12;

/// JWT algorithms kept per entry.
const ALGORITHMS_MAX: usize = 6;

/// Authentication seen at one endpoint: mergeable, bounded.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuthenticationTally {
    entries: Vec<Entry>,
    without: u64,
    without_successes: u64,
    /// Exchanges whose source records headers, so that absence means something.
    telling: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    scheme: AuthScheme,
    name: Box<str>,
    exchanges: u64,
    successes: u64,
    jwt: Option<Box<JwtTally>>,
}

#[derive(Clone, Debug, Default)]
struct JwtTally {
    algorithms: Vec<Box<str>>,
    lifetime_secs: Option<u64>,
    without_expiry: u64,
    expired_accepted: u64,
}

stored!(AuthenticationTally { entries, without, without_successes, telling });
stored!(Entry { scheme, name, exchanges, successes, jwt });
stored!(JwtTally { algorithms, lifetime_secs as Option<Wide>, without_expiry, expired_accepted });

impl AuthenticationTally {
    /// Counts the credentials of one exchange.
    pub(crate) fn observe(&mut self, exchange: &Exchange<'_>, credentials: &[Credential]) {
        self.telling += u64::from(exchange.has_headers);
        let success = exchange.succeeded();
        if credentials.is_empty() {
            self.without += 1;
            self.without_successes += u64::from(success);
            return;
        }
        for credential in credentials {
            let Some(entry) = self.entry(credential.scheme, &credential.name) else { continue };
            entry.exchanges += 1;
            entry.successes += u64::from(success);
            if let Some(jwt) = &credential.jwt {
                entry.jwt.get_or_insert_default().observe(jwt, success, exchange.at);
            }
        }
    }

    fn entry(&mut self, scheme: AuthScheme, name: &str) -> Option<&mut Entry> {
        if let Some(at) = self.entries.iter().position(|e| e.scheme == scheme && e.name.as_ref() == name) {
            return self.entries.get_mut(at);
        }
        if self.entries.len() >= ENTRIES_MAX {
            return None;
        }
        self.entries.push(Entry { scheme, name: name.into(), exchanges: 0, successes: 0, jwt: None });
        self.entries.last_mut()
    }

    /// Adds what another tally counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.without += other.without;
        self.without_successes += other.without_successes;
        self.telling += other.telling;
        for theirs in &other.entries {
            let Some(own) = self.entry(theirs.scheme, &theirs.name) else { continue };
            own.exchanges += theirs.exchanges;
            own.successes += theirs.successes;
            if let Some(jwt) = &theirs.jwt {
                own.jwt.get_or_insert_default().merge(jwt);
            }
        }
    }

    /// Ids of the schemes in use and the details, most used first. A source that records no credentials tells
    /// nothing of those without one: `unknown`.
    pub(crate) fn conclude(&self) -> (Vec<String>, Vec<Authentication>) {
        let mut details: Vec<Authentication> = self.entries.iter().map(Entry::conclude).collect();
        if self.without > 0 {
            let scheme = if self.telling > 0 { "none" } else { "unknown" };
            details.push(Authentication {
                scheme: scheme.to_owned(),
                exchanges: self.without,
                successes: self.without_successes,
                ..Authentication::default()
            });
        }
        details.sort_by(|a, b| b.exchanges.cmp(&a.exchanges).then_with(|| a.scheme.cmp(&b.scheme)));
        let mut schemes: Vec<String> = Vec::new();
        for detail in &details {
            if !schemes.contains(&detail.scheme) {
                schemes.push(detail.scheme.clone());
            }
        }
        if schemes.len() > 1 {
            schemes.retain(|s| s != "unknown");
        }
        (schemes, details)
    }
}

impl Entry {
    fn conclude(&self) -> Authentication {
        let jwt = self.jwt.as_deref();
        Authentication {
            scheme: self.scheme.id().to_owned(),
            name: Some(self.name.to_string()),
            exchanges: self.exchanges,
            successes: self.successes,
            jwt_algorithms: jwt.map(|j| j.algorithms.iter().map(ToString::to_string).collect()).unwrap_or_default(),
            jwt_lifetime_secs: jwt.and_then(|j| j.lifetime_secs),
            jwt_without_expiry: jwt.map_or(0, |j| j.without_expiry),
            jwt_expired_accepted: jwt.map_or(0, |j| j.expired_accepted),
        }
    }
}

impl JwtTally {
    fn observe(&mut self, jwt: &Jwt, success: bool, at: Option<Timestamp>) {
        self.add_algorithm(&jwt.algorithm);
        match (jwt.issued_at, jwt.expires_at) {
            (Some(from), Some(to)) => {
                let secs = to.secs().saturating_sub(from.secs()).max(0) as u64;
                self.lifetime_secs = self.lifetime_secs.max(Some(secs));
            }
            (_, None) => self.without_expiry += 1,
            _ => {}
        }
        let expired = matches!((at, jwt.expires_at), (Some(at), Some(to)) if at > to);
        self.expired_accepted += u64::from(expired && success);
    }

    fn add_algorithm(&mut self, algorithm: &str) {
        if self.algorithms.len() < ALGORITHMS_MAX
            && algorithm.len() <= 16
            && !self.algorithms.iter().any(|a| a.as_ref() == algorithm)
        {
            self.algorithms.push(algorithm.into());
            self.algorithms.sort_unstable();
        }
    }

    fn merge(&mut self, other: &Self) {
        for algorithm in &other.algorithms {
            self.add_algorithm(algorithm);
        }
        self.lifetime_secs = self.lifetime_secs.max(other.lifetime_secs);
        self.without_expiry += other.without_expiry;
        self.expired_accepted += other.expired_accepted;
    }
}
