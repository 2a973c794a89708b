//! Who called: one bounded summary per actor.
//!
//! The strongest identifier of an exchange names its actor: a user, else a client application, else a session or
//! token, else the address. Addresses of an actor that has something stronger are counted, never joined on.

use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::hash::BuildHasher;
use vedette_model::limits::{ACTORS_LISTED_MAX, ACTORS_MAX};
use vedette_model::results::{Actor, Identifier};
use vedette_model::{Exchange, Timestamp};
use vedette_parse::credentials::{AuthScheme, Credential};
use vedette_parse::identity::{Extractors, Named};
use vedette_parse::stored;
use vedette_parse::stored::{Bits, Codec, Damaged, Reader, Stored};

use crate::engine::Engine;
use crate::sketch::DistinctCount;

/// Strongest identifier of an exchange; borrowed from it, or owned by a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Identity<S> {
    User(S),
    Client(S),
    Session(u64),
    Token(u64),
    Address(IpAddr),
    Unknown,
}

/// An actor's hash: stable over runs, the key of every per-actor sketch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ActorKey(pub(crate) u64);

impl ActorKey {
    /// The id shown to users.
    pub(crate) fn id(self) -> String {
        format!("a-{:012x}", self.0 >> 16)
    }

    fn of(identity: Identity<&str>) -> Self {
        Self(FixedState::with_seed(0xac70).hash_one(identity))
    }

    pub(crate) fn of_user(name: &str) -> Self {
        Self::of(Identity::User(name))
    }

    pub(crate) fn of_session(hash: u64) -> Self {
        Self::of(Identity::Session(hash))
    }

    pub(crate) fn of_token(hash: u64) -> Self {
        Self::of(Identity::Token(hash))
    }

    pub(crate) fn of_address(address: IpAddr) -> Self {
        Self::of(Identity::Address(address))
    }
}

/// The actor of one exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who<'a> {
    /// Its key.
    pub(crate) key: ActorKey,
    /// A rule of the user's named it.
    pub(crate) configured: bool,
    identity: Identity<&'a str>,
}

impl<'a> Who<'a> {
    /// Names the actor of an exchange; `named`: by the user's own rules.
    pub(crate) fn of(exchange: &'a Exchange<'_>, credentials: &'a [Credential], named: Option<&'a Named>) -> Self {
        let identity = match named {
            Some(Named::User(user)) => Identity::User(user.as_str()),
            Some(Named::Client(client)) => Identity::Client(client.as_str()),
            Some(Named::Session(hash)) => Identity::Session(*hash),
            None => strongest(exchange, credentials),
        };
        Self { key: ActorKey::of(identity), configured: named.is_some(), identity }
    }
}

#[derive(Clone, Debug)]
struct ActorSummary {
    identity: Identity<Box<str>>,
    exchanges: u64,
    errors: u64,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    endpoints: DistinctCount,
    addresses: DistinctCount,
    last_address: Option<IpAddr>,
    agent: Option<&'static str>,
}

impl Engine {
    /// Names actors by the user's own rules before anything else. All shards get the same; to be called before anything
    /// is observed.
    #[must_use]
    pub fn with_identity(mut self, rules: Arc<Extractors>) -> Self {
        self.identity = Some(rules);
        self
    }
}

/// All actors: mergeable, bounded by [`ACTORS_MAX`]; past it the least active tenth makes room.
#[derive(Clone, Debug, Default)]
pub(crate) struct Actors {
    known: HashMap<ActorKey, ActorSummary, FixedState>,
    all: DistinctCount,
}

impl Actors {
    /// Counts an exchange of an actor; `endpoint` identifies where it went.
    pub(crate) fn observe(&mut self, who: Who<'_>, exchange: &Exchange<'_>, endpoint: u64) {
        if self.known.len() >= ACTORS_MAX && !self.known.contains_key(&who.key) {
            self.make_room();
        }
        let actor = self.known.entry(who.key).or_insert_with(|| {
            self.all.observe(who.key.0);
            ActorSummary::new(who.identity.owned())
        });
        actor.exchanges += 1;
        actor.errors += u64::from(exchange.status >= 400);
        actor.first_seen = earliest(actor.first_seen, exchange.at);
        actor.last_seen = actor.last_seen.max(exchange.at);
        actor.endpoints.observe(endpoint);
        if exchange.client_ip.is_some() && exchange.client_ip != actor.last_address {
            actor.last_address = exchange.client_ip;
            actor.addresses.observe(FixedState::with_seed(1).hash_one(exchange.client_ip));
        }
        if actor.agent.is_none() {
            actor.agent = exchange.user_agent.as_deref().map(agent_family);
        }
    }

    /// Forgets the least active tenth. Ties fall by key, so that a replay forgets the same.
    fn make_room(&mut self) {
        let mut order: Vec<(u64, ActorKey)> = self.known.iter().map(|(k, a)| (a.exchanges, *k)).collect();
        let tenth = order.len() / 10;
        order.select_nth_unstable(tenth);
        for (_, key) in order.into_iter().take(tenth) {
            self.known.remove(&key);
        }
    }

    /// Exchanges of an actor anywhere, and the seconds between its first and its last; none when it is not kept.
    pub(crate) fn activity(&self, key: ActorKey) -> Option<(u64, Option<u64>)> {
        let actor = self.known.get(&key)?;
        let secs = actor.first_seen.zip(actor.last_seen).map(|(first, last)| last.secs().abs_diff(first.secs()));
        Some((actor.exchanges, secs))
    }

    /// What kind of actor this is, and whether its program says that it crawls.
    pub(crate) fn kind(&self, key: ActorKey) -> Option<(&'static str, bool)> {
        let actor = self.known.get(&key)?;
        Some((actor.identity.kind(), actor.agent == Some("crawler")))
    }

    /// What identifies an actor beside its addresses.
    pub(crate) fn identifier(&self, key: ActorKey) -> Option<Identifier> {
        self.known.get(&key)?.identity.identifier()
    }

    /// Forgets the actors that an identifier names, with all that is known of them alone; the keys of those, and of the
    /// one that it would name if it came again. Estimates over many actors keep their count.
    pub(crate) fn forget(&mut self, identifier: &Identifier) -> Vec<ActorKey> {
        let address: Option<IpAddr> = (identifier.kind == "ip").then(|| identifier.value.parse().ok()).flatten();
        let named = match (identifier.kind.as_str(), address) {
            ("user", _) => Some(Identity::User(identifier.value.as_str())),
            ("client", _) => Some(Identity::Client(identifier.value.as_str())),
            (_, Some(ip)) => Some(Identity::Address(ip)),
            _ => None,
        };
        let named = named.map(ActorKey::of);
        let is_meant =
            |key: &ActorKey| named == Some(*key) || (identifier.kind == "actor" && key.id() == identifier.value);
        let mut keys: Vec<ActorKey> = self.known.keys().copied().filter(is_meant).collect();
        keys.extend(named.filter(|key| !self.known.contains_key(key)));
        for key in &keys {
            self.known.remove(key);
        }
        if let Some(ip) = address {
            for actor in self.known.values_mut().filter(|actor| actor.last_address == Some(ip)) {
                actor.last_address = None;
            }
        }
        keys
    }

    /// Distinct actors ever seen (estimate).
    pub(crate) fn count(&self) -> u64 {
        self.all.estimate()
    }

    /// Adds what another shard counted.
    pub(crate) fn merge(&mut self, other: Self) {
        self.all.merge(&other.all);
        let mut theirs: Vec<_> = other.known.into_iter().collect();
        theirs.sort_unstable_by_key(|(key, _)| *key);
        for (key, actor) in theirs {
            if let Some(own) = self.known.get_mut(&key) {
                own.merge(&actor);
                continue;
            }
            if self.known.len() >= ACTORS_MAX {
                self.make_room();
            }
            self.known.insert(key, actor);
        }
    }

    /// The most active actors, for the results.
    pub(crate) fn conclude(&self) -> Vec<Actor> {
        let mut order: Vec<(&ActorKey, &ActorSummary)> = self.known.iter().collect();
        let by_activity = |a: &(&ActorKey, &ActorSummary), b: &(&ActorKey, &ActorSummary)| {
            b.1.exchanges.cmp(&a.1.exchanges).then(a.0.cmp(b.0))
        };
        if order.len() > ACTORS_LISTED_MAX {
            order.select_nth_unstable_by(ACTORS_LISTED_MAX, by_activity);
            order.truncate(ACTORS_LISTED_MAX);
        }
        order.sort_unstable_by(by_activity);
        order.into_iter().map(|(key, actor)| actor.conclude(*key)).collect()
    }
}

fn strongest<'a>(exchange: &'a Exchange<'_>, credentials: &'a [Credential]) -> Identity<&'a str> {
    if let Some(user) = credentials.iter().find_map(|c| c.user.as_deref()) {
        return Identity::User(user);
    }
    if let Some(user) = exchange.user.as_deref() {
        return Identity::User(user);
    }
    let usable = || credentials.iter().filter(|c| !c.redacted);
    if let Some(client) = usable().find_map(|c| c.client.as_deref()) {
        return Identity::Client(client);
    }
    if let Some(session) = usable().find(|c| c.scheme == AuthScheme::SessionCookie) {
        return Identity::Session(session.hash);
    }
    if let Some(token) = usable().next() {
        return Identity::Token(token.hash);
    }
    match (exchange.client_ip, exchange.caller_service.as_deref()) {
        (_, Some(service)) => Identity::Client(service),
        (Some(ip), None) => Identity::Address(ip),
        (None, None) => Identity::Unknown,
    }
}

impl Identity<&str> {
    fn owned(self) -> Identity<Box<str>> {
        match self {
            Self::User(user) => Identity::User(user.into()),
            Self::Client(client) => Identity::Client(client.into()),
            Self::Session(hash) => Identity::Session(hash),
            Self::Token(hash) => Identity::Token(hash),
            Self::Address(ip) => Identity::Address(ip),
            Self::Unknown => Identity::Unknown,
        }
    }
}

impl Identity<Box<str>> {
    fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Client(_) => "client",
            Self::Session(_) => "session",
            Self::Token(_) => "token",
            Self::Address(_) => "address",
            Self::Unknown => "unknown",
        }
    }

    /// None for an address, which is told apart.
    fn identifier(&self) -> Option<Identifier> {
        let value = match self {
            Self::User(name) | Self::Client(name) => name.to_string(),
            Self::Session(hash) | Self::Token(hash) => format!("{hash:016x}"),
            Self::Address(_) | Self::Unknown => return None,
        };
        Some(Identifier { kind: self.kind().to_owned(), value })
    }
}

/// The earlier of two optional times.
pub(crate) fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// What user agents have in them, and the family that it is the sign of.
const AGENT_SIGNS: &[(&str, &str)] = &[
    ("bot", "crawler"),
    ("spider", "crawler"),
    ("crawl", "crawler"),
    ("curl/", "curl"),
    ("python", "python"),
    ("Go-http-client", "go"),
    ("okhttp", "okhttp"),
    ("Java/", "java"),
    ("axios", "node"),
    ("node", "node"),
    ("Postman", "postman"),
    ("sqlmap", "scanner"),
    ("nikto", "scanner"),
    ("zgrab", "scanner"),
    ("Edg/", "edge"),
    ("Firefox/", "firefox"),
    ("Chrome/", "chrome"),
    ("Safari/", "safari"),
    ("CFNetwork", "ios-app"),
    ("Dalvik", "android-app"),
    ("MSIE", "internet-explorer"),
    ("Trident", "internet-explorer"),
];

/// Family of agents without a sign.
const OTHER_AGENT: &str = "other";

/// Family of a user agent, by the first sign that fits.
fn agent_family(agent: &str) -> &'static str {
    AGENT_SIGNS.iter().find(|(sign, _)| agent.contains(sign)).map_or(OTHER_AGENT, |(_, family)| family)
}

stored!(ActorSummary {
    identity,
    exchanges,
    errors,
    first_seen,
    last_seen,
    endpoints,
    addresses,
    last_address,
    agent as Option<AgentFamily>,
});
stored!(Actors { known, all });

impl Stored for ActorKey {
    fn store(&self, out: &mut Vec<u8>) {
        Bits::store(&self.0, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        Bits::load(from).map(Self)
    }
}

impl Stored for Identity<Box<str>> {
    fn store(&self, out: &mut Vec<u8>) {
        match self {
            Self::Unknown => out.push(0),
            Self::User(user) => (1_u8, user.clone()).store(out),
            Self::Client(client) => (2_u8, client.clone()).store(out),
            Self::Session(hash) => {
                out.push(3);
                Bits::store(hash, out);
            }
            Self::Token(hash) => {
                out.push(4);
                Bits::store(hash, out);
            }
            Self::Address(ip) => (5_u8, *ip).store(out),
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        Ok(match from.byte()? {
            0 => Self::Unknown,
            1 => Self::User(Stored::load(from)?),
            2 => Self::Client(Stored::load(from)?),
            3 => Self::Session(Bits::load(from)?),
            4 => Self::Token(Bits::load(from)?),
            5 => Self::Address(Stored::load(from)?),
            _ => return Err(Damaged::Impossible("identity")),
        })
    }
}

/// A family of user agents by its name, which is one of ours again when it is read.
struct AgentFamily;

impl Codec<&'static str> for AgentFamily {
    fn store(value: &&'static str, out: &mut Vec<u8>) {
        Box::<str>::from(*value).store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<&'static str, Damaged> {
        let name = Box::<str>::load(from)?;
        Ok(AGENT_SIGNS.iter().find(|(_, family)| **family == *name).map_or(OTHER_AGENT, |(_, family)| family))
    }
}

impl ActorSummary {
    fn new(identity: Identity<Box<str>>) -> Self {
        Self {
            identity,
            exchanges: 0,
            errors: 0,
            first_seen: None,
            last_seen: None,
            endpoints: DistinctCount::default(),
            addresses: DistinctCount::default(),
            last_address: None,
            agent: None,
        }
    }

    fn merge(&mut self, other: &Self) {
        self.exchanges += other.exchanges;
        self.errors += other.errors;
        let theirs_first =
            other.first_seen.is_some() && (self.first_seen.is_none() || other.first_seen < self.first_seen);
        self.agent = if theirs_first { other.agent.or(self.agent) } else { self.agent.or(other.agent) };
        self.first_seen = earliest(self.first_seen, other.first_seen);
        if other.last_seen >= self.last_seen {
            self.last_address = other.last_address.or(self.last_address);
        }
        self.last_seen = self.last_seen.max(other.last_seen);
        self.endpoints.merge(&other.endpoints);
        self.addresses.merge(&other.addresses);
    }

    fn conclude(&self, key: ActorKey) -> Actor {
        let (kind, own) = (self.identity.kind(), self.identity.identifier());
        let address = self.last_address.map(|ip| Identifier { kind: "ip".to_owned(), value: ip.to_string() });
        Actor {
            id: key.id(),
            kind: kind.to_owned(),
            identifiers: own.into_iter().chain(address).collect(),
            exchanges: self.exchanges,
            errors: self.errors,
            endpoints: self.endpoints.estimate(),
            addresses: self.addresses.estimate(),
            agent: self.agent.map(str::to_owned),
            first_seen: self.first_seen,
            last_seen: self.last_seen,
        }
    }
}
