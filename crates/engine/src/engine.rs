//! The engine: exchanges in, knowledge merged, results out.
//!
//! One engine is one shard. [`Engine::observe`] lands an exchange on its provisional endpoint, [`Engine::merge`] adds
//! another shard's knowledge (invariant 3), [`Engine::conclude`] reads the results off.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;
use vedette_model::hash::HashKey;
use vedette_model::limits::{PATH_BYTES_MAX, SERVICE_NAME_BYTES_MAX, SERVICES_MAX};
use vedette_model::results::Identifier;
use vedette_model::{Exchange, Side};
use vedette_parse::classes::Classifier;
use vedette_parse::credentials::{Credential, credentials};
use vedette_parse::identity::Extractors;
use vedette_parse::protocol::descriptors::Descriptors;
use vedette_parse::protocol::{self as protocols, Kind, Protocols};
use vedette_parse::url;

use self::learn::{endpoint_of, learn_bodies, learn_form, learn_parameters, summary_of};
pub use self::observed::{Observed, ObservedCall, actor_id};
pub(crate) use self::snapshot::known_method;
pub use self::snapshot::{RestoreError, VERSION as SNAPSHOT_VERSION};
use crate::actors::{Actors, Who};
use crate::checks::{self, Seen};
use crate::conformance::{Call, Contract};
use crate::endpoint::Reach;
use crate::parallel;
use crate::paths::provenance::{self, Provenance};
use crate::paths::templates::words_to_fold;
use crate::paths::trie::{DeclaredTemplate, NodeId, Trail, Trie, segments};
use crate::protocol::{OTHER, is_persisted};
use crate::quality::SourceTallies;
use crate::schema::{Context, Scalar};
use crate::sketch::{DistinctCount, hash};
use crate::strays::Strays;
use crate::totals::Totals;
use crate::watch::Watch;

#[doc(hidden)]
pub mod fuzz;
mod learn;
mod observed;
pub(crate) mod snapshot;

/// HTTP methods by number; the last stands for all others, so that forged methods cannot grow anything.
pub(crate) const METHODS: [&str; 18] = [
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "QUERY",
    "OTHER",
];

/// The number that stands for all methods that are not listed.
const OTHER_METHOD: u16 = METHODS.len() as u16 - 1;

/// The number of a method in [`METHODS`].
pub(crate) fn method_number(method: &str) -> u16 {
    METHODS.iter().position(|m| m.eq_ignore_ascii_case(method)).map_or(OTHER_METHOD, |number| number as u16)
}

/// Paths whose node is remembered, so that repeated paths of a log skip the walk. 64 kB.
const ROUTE_CACHE: usize = 4096;

/// One shard of everything that is learned.
#[derive(Clone)]
pub struct Engine {
    pub(crate) classifier: Arc<Classifier>,
    key: HashKey,
    pub(crate) services: Vec<ServiceSummary>,
    by_name: HashMap<Box<str>, u16, FixedState>,
    pub(crate) provenance: Provenance,
    pub(crate) actors: Actors,
    pub(crate) totals: Totals,
    pub(crate) told: SourceTallies,
    pub(crate) strays: Strays,
    pub(crate) contract: Option<Arc<Contract>>,
    pub(crate) watch: Watch,
    pub(crate) identity: Option<Arc<Extractors>>,
    protocols: Protocols,
    routes: Vec<(u64, NodeId)>,
}

/// What was learned of one service: mergeable.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServiceSummary {
    pub(crate) name: Box<str>,
    pub(crate) trie: Trie,
    pub(crate) exchanges: u64,
    pub(crate) actors: DistinctCount,
    pub(crate) reach: Reach,
    /// Names of calls that were given room, over all paths.
    calls_kept: usize,
}

impl Engine {
    /// An engine that knows nothing yet. `key` hashes credentials.
    pub fn new(classifier: Arc<Classifier>, key: HashKey) -> Self {
        Self {
            classifier,
            key,
            services: Vec::new(),
            by_name: HashMap::default(),
            provenance: Provenance::default(),
            actors: Actors::default(),
            totals: Totals::default(),
            told: SourceTallies::default(),
            strays: Strays::default(),
            contract: None,
            watch: Watch::default(),
            identity: None,
            protocols: Protocols::default(),
            routes: vec![(0, 0); ROUTE_CACHE],
        }
    }

    /// Compares the traffic with specifications, and takes their path templates over learned ones. All shards get the
    /// same; to be called before anything is observed.
    #[must_use]
    pub fn with_contract(mut self, contract: Arc<Contract>) -> Self {
        self.contract = Some(contract);
        self.routes.fill((0, 0));
        self
    }

    /// How many false alarms a week are acceptable; 0 watches nobody. All shards get the same.
    #[must_use]
    pub fn with_budget(mut self, false_alarms_a_week: f64) -> Self {
        self.watch.budget = false_alarms_a_week.max(0.0);
        self
    }

    /// Reads gRPC messages by descriptors. All shards get the same; to be called before anything is observed.
    #[must_use]
    pub fn with_descriptors(mut self, descriptors: Arc<Descriptors>) -> Self {
        self.protocols = self.protocols.with_descriptors(descriptors);
        self
    }

    /// Identifies a provisional endpoint in every shard alike.
    fn endpoint_hash(&self, service: u16, leaf: NodeId, method: u16, call: Option<&str>) -> u64 {
        let place = self.services.get(usize::from(service)).and_then(|state| state.trie.node(leaf));
        let place = place.map_or(0, |node| node.identity);
        let name = call.map_or(0, |name| hash(name.as_bytes()));
        hash(&[place, u64::from(method), name].map(u64::to_le_bytes).concat())
    }

    /// Learns from one exchange, and tells what was read of it on the way. `seen_at` is its source and zero-based record
    /// number.
    pub fn observe(&mut self, exchange: &Exchange<'_>, seen_at: (u32, u64)) -> Observed {
        let credentials = credentials(exchange, &self.key);
        let named = self.identity.as_ref().and_then(|rules| rules.name(exchange, &self.key));
        let who = Who::of(exchange, &credentials, named.as_ref());
        let service = self.service(exchange);
        let mut observed = Observed::of(exchange, &credentials, who.key, service);
        let place = (service, method_number(&exchange.method));
        self.watch.begin(exchange, &credentials, &who, place, seen_at, &self.key);
        let learned = self.learn_exchange(exchange, &credentials, who, place, seen_at, &mut observed);
        self.watch.close(learned);
        observed
    }

    /// Learns from one exchange; false when it landed on no endpoint.
    fn learn_exchange(
        &mut self,
        exchange: &Exchange<'_>,
        credentials: &[Credential],
        who: Who<'_>,
        (service, method): (u16, u16),
        seen_at: (u32, u64),
        observed: &mut Observed,
    ) -> bool {
        self.totals.observe(exchange);
        self.told.observe(seen_at.0, exchange, credentials, who.key);
        let Some(state) = self.services.get_mut(usize::from(service)) else { return false };
        state.exchanges += 1;
        state.actors.observe(who.key.0);
        let preflight = exchange.has_headers
            && exchange.method == "OPTIONS"
            && exchange.request_headers.get("access-control-request-method").is_some();
        let path = bounded(&exchange.path);
        if preflight || !path.starts_with('/') {
            self.actors.observe(who, exchange, 0);
            return false;
        }
        let declared = |service: &str| {
            self.contract.as_ref().is_some_and(|contract| contract.find(service, &exchange.method, path).is_some())
        };
        if matches!(exchange.status, 404 | 405) && !is_known(&state.trie, path, method) && !declared(&state.name) {
            self.strays.observe(service, method, path, exchange.status);
            self.actors.observe(who, exchange, 1);
            return false;
        }
        let calls = self.protocols.read(exchange);
        let call = calls.first();
        let mut trail = Trail::new();
        let names = call.is_some_and(|call| call.kind == Some(Kind::Grpc) && call.failure.is_none());
        let leaf = self.route(service, path, &mut trail, exchange, names);
        self.actors.observe(
            who,
            exchange,
            self.endpoint_hash(service, leaf, method, call.and_then(|c| c.name.as_deref())),
        );
        if let Some(state) = self.services.get_mut(usize::from(service)) {
            state.reach.merge(Reach::one(exchange));
        }
        let landing = Landing { service, leaf, method, seen_at };
        if calls.is_empty() {
            self.learn(&landing, exchange, credentials, who, &trail, None);
        }
        for call in &calls {
            self.learn(&landing, &call.view(exchange), credentials, who, &trail, Some(call));
        }
        observed.calls.extend(calls.into_iter().map(ObservedCall::from));
        observed.calls.iter_mut().for_each(|call| self.show(&landing, call));
        true
    }

    /// Gives a call that came by a hash the name that is known for it by now.
    fn show(&self, landing: &Landing, call: &mut ObservedCall) {
        let Some(name) = call.name.as_deref().filter(|name| is_persisted(name)) else { return };
        let node = self.services.get(usize::from(landing.service)).and_then(|state| state.trie.node(landing.leaf));
        let endpoint = node.and_then(|node| node.endpoints.iter().find(|(method, _)| *method == landing.method));
        let calls = endpoint.and_then(|(_, summary)| summary.calls.as_deref());
        if let Some(shown) = calls.and_then(|calls| calls.shown(name)) {
            call.name = Some(shown);
        }
    }

    /// The name under which a service is in the results; empty for a number that no [`Observed`] had.
    pub fn service_name(&self, service: u16) -> &str {
        self.services.get(usize::from(service)).map_or("", |state| &state.name)
    }

    /// The node of a path, made when missing. The trail is filled only when bodies can make use of it. `names`: its
    /// segments are names whatever they look like.
    fn route(&mut self, service: u16, path: &str, trail: &mut Trail, exchange: &Exchange<'_>, names: bool) -> NodeId {
        let Some(state) = self.services.get_mut(usize::from(service)) else { return 0 };
        let bodies = exchange.request_body.is_some() || exchange.response_body.is_some();
        // What is remembered is where the walk would lead now: a restored engine has forgotten it and walks.
        let hash = FixedState::with_seed(u64::from(service) << 1 | u64::from(names)).hash_one(path);
        let slot = (hash as usize) % ROUTE_CACHE;
        if !bodies
            && let Some(&(known, node)) = self.routes.get(slot)
            && known == hash
        {
            return node;
        }
        let declared = self.contract.as_ref().and_then(|contract| contract.template(&state.name, path));
        let declared = declared.or_else(|| (names && !path.contains('{')).then(|| DeclaredTemplate::names(path)));
        let crowded = match declared {
            Some(template) => {
                if state.trie.walk_declared(&template, path, trail) {
                    self.routes.fill((0, 0));
                }
                None
            }
            None => state.trie.walk(path, trail),
        };
        let mut leaf = trail.last().copied().unwrap_or(0);
        if let Some(at) = crowded {
            let words = words_to_fold(&state.trie, at);
            state.trie.fold(at, &words);
            self.routes.fill((0, 0));
            state.trie.walk(path, trail);
            leaf = trail.last().copied().unwrap_or(0);
        }
        if let Some(entry) = self.routes.get_mut(slot) {
            *entry = (hash, leaf);
        }
        leaf
    }

    /// Updates the summary of the endpoint that an exchange landed on, or of the call behind it.
    fn learn(
        &mut self,
        landing: &Landing,
        exchange: &Exchange<'_>,
        credentials: &[Credential],
        who: Who<'_>,
        trail: &Trail,
        call: Option<&protocols::Call<'_>>,
    ) {
        let Some(state) = self.services.get_mut(usize::from(landing.service)) else { return };
        let Some(node) = state.trie.node_mut(landing.leaf) else { return };
        let summary = summary_of(
            endpoint_of(&mut node.endpoints, landing.method),
            call,
            exchange,
            landing.seen_at,
            &mut state.calls_kept,
        );
        summary.observe(exchange, who.key, credentials, landing.seen_at);
        let named = call.and_then(|call| call.name.as_deref());
        // What stands in the query of a named call is its arguments, which are in its request.
        let query: SmallVec<[(Cow<'_, str>, Cow<'_, str>); 8]> =
            exchange.query.as_deref().filter(|_| named.is_none()).map(|q| url::pairs(q).collect()).unwrap_or_default();
        let classifier = &*self.classifier;
        learn_parameters(summary, exchange, &query, classifier, landing.seen_at);
        if let Some(call) = call {
            learn_form(summary, call, classifier, landing.seen_at);
        }
        let seen = Seen { exchange, seen_at: landing.seen_at, credentials, query: &query, classifier, inside: call };
        checks::observe_all(&seen, &mut summary.checks);
        if let Some(contract) = self.contract.as_ref().filter(|_| named.is_none()) {
            let call = Call { exchange, query: &query, credentials };
            contract.observe(&state.name, &call, landing.seen_at, &mut summary.conformance);
        }
        // The messages of a WebSocket are no body.
        let has_body = exchange.request_body.is_some() || exchange.response_body.is_some();
        if has_body || exchange.websocket.is_some() {
            let mut words = PathWords::new(&exchange.path, trail);
            let name = named.map_or(0, provenance::hash);
            let producer = (provenance::hash(bounded(&exchange.path)) ^ name) as u32;
            let provenance = &mut self.provenance;
            words.note_listed(provenance, &exchange.path);
            let (watch, key) = (&mut self.watch, &self.key);
            let mut on_scalar = |side: Side, name: &str, scalar: Scalar<'_>| {
                words.note(provenance, producer, name, scalar);
                watch.scalar(side, name, scalar, key);
            };
            let side = Side::Request;
            let mut context = Context { classifier, seen_at: landing.seen_at, side, on_scalar: &mut on_scalar };
            let anomalies = learn_bodies(summary, exchange, call, &mut context);
            self.totals.count_anomalies(&anomalies);
            words.settle(&mut state.trie, exchange);
        }
        self.watch.end(call);
    }

    fn service(&mut self, exchange: &Exchange<'_>) -> u16 {
        let name =
            exchange.service.as_deref().or(exchange.host.as_deref()).filter(|n| !n.is_empty()).unwrap_or("default");
        if let Some(&id) = self.by_name.get(name) {
            return id;
        }
        self.service_named(name)
    }

    fn service_named(&mut self, name: &str) -> u16 {
        let lower = name.to_ascii_lowercase();
        let name = if self.services.len() >= SERVICES_MAX || name.len() > SERVICE_NAME_BYTES_MAX {
            OTHER
        } else {
            lower.as_str()
        };
        if let Some(&id) = self.by_name.get(name) {
            return id;
        }
        let id = self.services.len() as u16;
        let trie = Trie::of(name);
        self.services.push(ServiceSummary { name: name.into(), trie, ..ServiceSummary::default() });
        self.by_name.insert(name.into(), id);
        id
    }

    /// Forgets what is known of whom an identifier names (`user`, `client`, `ip`, or `actor` with an id of the results).
    /// Returns the ids of those actors, as rows have them.
    pub fn forget(&mut self, identifier: &Identifier) -> Vec<String> {
        let keys = self.actors.forget(identifier);
        self.watch.forget(&keys, identifier);
        keys.into_iter().map(crate::actors::ActorKey::id).collect()
    }

    /// Adds what another shard learned. Shards are merged in a fixed order, so that a replay gives the same.
    pub fn merge(&mut self, other: Self) {
        let mut ids = Vec::with_capacity(other.services.len());
        ids.extend(other.services.iter().map(|theirs| self.service_named(&theirs.name)));
        let (provenance, actors, totals) = (&mut self.provenance, &mut self.actors, &mut self.totals);
        let told = &mut self.told;
        let services = &mut self.services;
        let merge_services = || {
            for (theirs, id) in other.services.into_iter().zip(&ids) {
                if let Some(own) = services.get_mut(usize::from(*id)) {
                    own.trie.merge(theirs.trie);
                    own.exchanges += theirs.exchanges;
                    own.actors.merge(&theirs.actors);
                    own.reach.merge(theirs.reach);
                    own.calls_kept += theirs.calls_kept;
                }
            }
        };
        let merge_others = || {
            actors.merge(other.actors);
            provenance.merge(other.provenance);
            totals.merge(&other.totals);
            told.merge(&other.told);
        };
        parallel::both(merge_others, merge_services);
        self.strays.merge(other.strays, &ids);
        self.watch.merge(other.watch, &ids);
        self.routes.fill((0, 0));
    }
}

/// Where an exchange landed.
struct Landing {
    service: u16,
    leaf: NodeId,
    method: u16,
    seen_at: (u32, u64),
}

/// What is looked at of a path.
pub(crate) fn bounded(path: &str) -> &str {
    path.get(..path.floor_char_boundary(PATH_BYTES_MAX)).unwrap_or(path)
}

fn is_known(trie: &Trie, path: &str, method: u16) -> bool {
    trie.find(path).and_then(|id| trie.node(id)).is_some_and(|n| n.endpoints.iter().any(|(m, _)| *m == method))
}

/// A sure echo, in tenths.
pub(crate) const ECHO_WHOLE: u32 = 10;

/// The words of one path while the bodies of its exchange are read.
struct PathWords {
    /// Hash of each segment, its node, and how surely a body repeated it, in tenths.
    words: SmallVec<[(u64, NodeId, u32); 8]>,
    listed: Option<NodeId>,
}

impl PathWords {
    fn new(path: &str, trail: &Trail) -> Self {
        let words =
            segments(path).zip(trail).map(|(raw, &id)| (provenance::hash(&url::percent_decode(raw)), id, 0)).collect();
        Self { words, listed: None }
    }

    /// Notes when the answer of the path before the last segment had held that segment's value.
    fn note_listed(&mut self, provenance: &Provenance, path: &str) {
        let Some((parent, _)) = path.trim_end_matches('/').rsplit_once('/') else { return };
        let producer = provenance::hash(parent) as u32;
        let Some((word, id, _)) = self.words.last() else { return };
        if provenance.origins(*word).iter().any(|o| o.producer == producer) {
            self.listed = Some(*id);
        }
    }

    /// Looks at one scalar of a body.
    fn note(&mut self, provenance: &mut Provenance, producer: u32, key: &str, scalar: Scalar<'_>) {
        let Scalar::Text(text) = scalar else { return };
        if text.len() < 2 || text.len() > 64 || text.bytes().any(|b| b <= b' ') {
            return;
        }
        let Some(field) = provenance.field(key) else { return };
        let value = provenance::hash(text);
        for (word, _, echo) in &mut self.words {
            if *word == value {
                provenance.echoed(field, value);
                let (_, weight) = provenance.field_of(field);
                *echo = (*echo).max((weight * f64::from(ECHO_WHOLE)) as u32);
            }
        }
        provenance.record(field, value, producer);
    }

    /// Writes what was noted to the nodes.
    fn settle(&self, trie: &mut Trie, exchange: &Exchange<'_>) {
        if !exchange.succeeded() {
            return;
        }
        let last = self.words.last().map(|(_, id, _)| *id);
        for (_, id, echo) in &self.words {
            if let Some(node) = trie.node_mut(*id) {
                node.echo_chances = node.echo_chances.saturating_add(1);
                node.echoes = node.echoes.saturating_add(*echo);
                node.chances_at_end = node.chances_at_end.saturating_add(u32::from(last == Some(*id)));
                node.listed = node.listed.saturating_add(u32::from(self.listed == Some(*id)));
            }
        }
    }
}

#[cfg(test)]
mod protocol_tests;
#[cfg(test)]
mod tests;
