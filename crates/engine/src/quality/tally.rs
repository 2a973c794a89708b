//! What one source told, counted: bounded and mergeable.

use std::net::IpAddr;

use vedette_model::limits::FILES_MAX;
use vedette_model::{Direction, Exchange};
use vedette_parse::credentials::Credential;
use vedette_parse::stored;
use vedette_parse::stored::{Codec, Damaged, Reader, Stored};

use super::facts::{FACTS, Fact, Facts};
use crate::actors::ActorKey;
use crate::endpoint::is_private;
use crate::engine::snapshot;
use crate::sketch::{DistinctCount, hash};

/// What the exchanges of one source told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SourceTally {
    /// Exchanges.
    pub(super) exchanges: u64,
    /// Exchanges that tell each [`Fact`].
    told: [u64; FACTS],
    /// Client addresses.
    pub(super) clients: DistinctCount,
    /// Exchanges of private clients.
    pub(super) private: u64,
    /// Exchanges whose forwarded header names an address.
    pub(super) forwarding: u64,
    /// Of them those whose client is another address.
    pub(super) unbelieved: u64,
    /// Addresses that forwarded headers name first.
    pub(super) forwarded: DistinctCount,
    /// Callers that carry something better than an address.
    pub(super) callers: DistinctCount,
    /// Exchanges that do not come from outside.
    pub(super) inside: u64,
    /// Times that are no whole minutes, and no whole milliseconds.
    pub(super) off_minute: u64,
    pub(super) off_millisecond: u64,
}

impl SourceTally {
    /// Counts one exchange. Hot path.
    pub(crate) fn observe(&mut self, exchange: &Exchange<'_>, credentials: &[Credential], who: ActorKey) {
        self.exchanges += 1;
        let facts = Facts::of(exchange, credentials).0;
        for (fact, told) in self.told.iter_mut().enumerate() {
            *told += u64::from(facts >> fact & 1);
        }
        if let Some(at) = exchange.at {
            self.off_minute += u64::from(at.0 % 60_000_000 != 0);
            self.off_millisecond += u64::from(at.0 % 1_000 != 0);
        }
        self.inside += u64::from(exchange.direction != Direction::Inbound);
        if Facts(facts).has(Fact::Caller) {
            self.callers.observe(who.0);
        }
        if let Some(ip) = exchange.client_ip {
            self.private += u64::from(is_private(ip));
            self.clients.observe(hash_of(ip));
        }
        if let Some(ip) = exchange.forwarded {
            self.forwarding += 1;
            self.unbelieved += u64::from(exchange.client_ip != Some(ip));
            self.forwarded.observe(hash_of(ip));
        }
    }

    /// Adds what another tally counted. Commutative and associative.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.exchanges += other.exchanges;
        for (mine, theirs) in self.told.iter_mut().zip(other.told) {
            *mine += theirs;
        }
        self.clients.merge(&other.clients);
        self.private += other.private;
        self.forwarding += other.forwarding;
        self.unbelieved += other.unbelieved;
        self.forwarded.merge(&other.forwarded);
        self.callers.merge(&other.callers);
        self.inside += other.inside;
        self.off_minute += other.off_minute;
        self.off_millisecond += other.off_millisecond;
    }

    /// Exchanges that tell a fact.
    pub(super) fn told(&self, fact: Fact) -> u64 {
        self.told.get(fact as usize).copied().unwrap_or(0)
    }

    /// The facts that any exchange tells.
    pub(crate) fn facts(&self) -> Facts {
        let told = |(fact, count): (usize, &u64)| u32::from(*count > 0) << fact;
        Facts(self.told.iter().enumerate().map(told).sum())
    }
}

fn hash_of(ip: IpAddr) -> u64 {
    match ip.to_canonical() {
        IpAddr::V4(ip) => hash(&ip.octets()),
        IpAddr::V6(ip) => hash(&ip.octets()),
    }
}

stored!(SourceTally {
    exchanges,
    told as ByFact,
    clients,
    private,
    forwarding,
    unbelieved,
    forwarded,
    callers,
    inside,
    off_minute,
    off_millisecond,
});

/// Counts by number of the fact; those of facts that are not known any more are left out.
struct ByFact;

impl Codec<[u64; FACTS]> for ByFact {
    fn store(value: &[u64; FACTS], out: &mut Vec<u8>) {
        value.to_vec().store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<[u64; FACTS], Damaged> {
        let mut told = [0; FACTS];
        for (number, count) in (0..).zip(Vec::<u64>::load(from)?) {
            let known = from.renumber(snapshot::FACTS, number)?.and_then(|fact| told.get_mut(usize::from(fact)));
            if let Some(own) = known {
                *own = count;
            }
        }
        Ok(told)
    }
}

impl Stored for SourceTallies {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let tallies = Vec::load(from)?;
        if tallies.len() > FILES_MAX + 1 { Err(Damaged::Impossible("source")) } else { Ok(Self(tallies)) }
    }
}

/// The tallies of all sources, by their index.
#[derive(Clone, Debug, Default)]
pub(crate) struct SourceTallies(Vec<SourceTally>);

impl SourceTallies {
    /// Counts one exchange of a source.
    #[inline]
    pub(crate) fn observe(&mut self, source: u32, exchange: &Exchange<'_>, credentials: &[Credential], who: ActorKey) {
        let at = (source as usize).min(FILES_MAX);
        if self.0.len() <= at {
            self.0.resize_with(at + 1, SourceTally::default);
        }
        if let Some(tally) = self.0.get_mut(at) {
            tally.observe(exchange, credentials, who);
        }
    }

    /// Adds what another shard counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.0.resize_with(self.0.len().max(other.0.len()), SourceTally::default);
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            mine.merge(theirs);
        }
    }

    /// Of one source.
    pub(super) fn get(&self, source: usize) -> Option<&SourceTally> {
        self.0.get(source)
    }

    /// Of all sources together.
    pub(crate) fn sum(&self) -> SourceTally {
        let mut sum = SourceTally::default();
        for tally in &self.0 {
            sum.merge(tally);
        }
        sum
    }
}
