//! What was learned of one endpoint: a mergeable, bounded summary. Nearly empty ones stay small, for a path that was
//! met once may turn out to be one of a million values of a parameter.

use std::net::IpAddr;

use smallvec::SmallVec;
use vedette_model::limits::EVIDENCE_MAX;
use vedette_model::{Direction, Exchange, Scheme, Timestamp};
use vedette_parse::credentials::Credential;
use vedette_parse::stored;

use crate::actors::{ActorKey, earliest};
use crate::authentication::AuthenticationTally;
use crate::checks::TallySet;
use crate::conformance::Conformance;
use crate::parameters::ParameterSet;
use crate::protocol::{CallSet, ProtocolSummary};
use crate::schema::Schema;
use crate::sketch::{DistinctCount, Quantiles, Timeline, TopK};

/// Media types kept per side.
const CONTENT_TYPES_MAX: usize = 6;

/// Statuses whose bodies get a schema of their own.
const BODY_STATUSES_MAX: usize = 8;

/// Summary of one endpoint.
#[derive(Clone, Debug, Default)]
pub(crate) struct EndpointSummary {
    pub(crate) exchanges: u64,
    pub(crate) first_seen: Option<Timestamp>,
    pub(crate) last_seen: Option<Timestamp>,
    /// Exchanges by status, in order of status.
    pub(crate) statuses: SmallVec<[(u16, u64); 2]>,
    pub(crate) actors: DistinctCount,
    pub(crate) callers: TopK,
    pub(crate) latency_us: Quantiles,
    pub(crate) request_bytes: Quantiles,
    pub(crate) response_bytes: Quantiles,
    pub(crate) timeline: Timeline,
    pub(crate) authentication: AuthenticationTally,
    pub(crate) parameters: Option<Box<ParameterSet>>,
    pub(crate) request_schema: Option<Box<Schema>>,
    /// By status, in order of status.
    pub(crate) response_schemas: Vec<(u16, Box<Schema>)>,
    pub(crate) request_types: Vec<Box<str>>,
    pub(crate) response_types: Vec<Box<str>>,
    pub(crate) checks: TallySet,
    pub(crate) samples: SmallVec<[SampleAt; 1]>,
    pub(crate) reach: Reach,
    pub(crate) deprecated: bool,
    /// What its protocol says beyond HTTP.
    pub(crate) protocol: Option<Box<ProtocolSummary>>,
    /// Operations behind the path; exchanges that were told apart count there and not here.
    pub(crate) calls: Option<Box<CallSet>>,
    /// Compared with its operation, when a specification was given.
    pub(crate) conformance: Option<Box<Conformance>>,
}

/// One exchange to look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SampleAt {
    pub(crate) seen_at: (u32, u64),
    pub(crate) at: Option<Timestamp>,
    pub(crate) status: u16,
    pub(crate) actor: ActorKey,
}

/// From where and how an endpoint was reached, in exchanges.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    pub(crate) from_public: u64,
    pub(crate) from_private: u64,
    pub(crate) internal: u64,
    pub(crate) outbound: u64,
    pub(crate) cleartext: u64,
    pub(crate) tls: u64,
}

stored!(EndpointSummary {
    exchanges,
    first_seen,
    last_seen,
    statuses,
    actors,
    callers,
    latency_us,
    request_bytes,
    response_bytes,
    timeline,
    authentication,
    parameters,
    request_schema,
    response_schemas,
    request_types,
    response_types,
    checks,
    samples,
    reach,
    deprecated,
    protocol,
    calls,
    conformance,
});
stored!(SampleAt { seen_at, at, status, actor });
stored!(Reach { from_public, from_private, internal, outbound, cleartext, tls });

impl EndpointSummary {
    /// False while only 404 and 405 were answered: then nothing is there.
    pub(crate) fn is_real(&self) -> bool {
        self.is_listed() || self.calls.as_ref().is_some_and(|calls| calls.is_real())
    }

    /// There is something beside the calls behind the path.
    pub(crate) fn is_listed(&self) -> bool {
        self.statuses.iter().any(|(status, _)| !matches!(status, 404 | 405))
    }

    /// Exchanges here and at the calls behind the path.
    pub(crate) fn traffic(&self) -> u64 {
        self.exchanges + self.calls.as_ref().map_or(0, |calls| calls.exchanges())
    }

    /// Counts one exchange. Bodies and parameters are learned by the engine, which has the context.
    pub(crate) fn observe(
        &mut self,
        exchange: &Exchange<'_>,
        actor: ActorKey,
        credentials: &[Credential],
        seen_at: (u32, u64),
    ) {
        self.exchanges += 1;
        self.first_seen = earliest(self.first_seen, exchange.at);
        self.last_seen = self.last_seen.max(exchange.at);
        self.add_status(exchange.status, 1);
        self.actors.observe(actor.0);
        self.callers.observe(actor.0);
        if let Some(us) = exchange.duration_us {
            self.latency_us.observe(us);
        }
        if let Some(bytes) = exchange.request_bytes {
            self.request_bytes.observe(bytes);
        }
        if let Some(bytes) = exchange.response_bytes {
            self.response_bytes.observe(bytes);
        }
        if let Some(at) = exchange.at {
            self.timeline.observe(at, exchange.status >= 400);
        }
        self.authentication.observe(exchange, credentials);
        self.reach.observe(exchange);
        // Logs may keep some headers without keeping all.
        if exchange.has_headers || !exchange.request_headers.is_empty() || !exchange.response_headers.is_empty() {
            self.observe_headers(exchange);
        }
        if self.samples.len() < EVIDENCE_MAX && !self.samples.iter().any(|s| s.status == exchange.status) {
            self.samples.push(SampleAt { seen_at, at: exchange.at, status: exchange.status, actor });
        }
    }

    fn observe_headers(&mut self, exchange: &Exchange<'_>) {
        if let Some(media) = exchange.request_headers.get("content-type") {
            add_type(&mut self.request_types, media);
        }
        if let Some(media) = exchange.response_headers.get("content-type") {
            add_type(&mut self.response_types, media);
        }
        let headers = &exchange.response_headers;
        self.deprecated |= headers.get("deprecation").is_some_and(|v| v != "false") || headers.get("sunset").is_some();
    }

    fn add_status(&mut self, status: u16, count: u64) {
        match self.statuses.binary_search_by_key(&status, |(s, _)| *s) {
            Ok(at) => {
                if let Some((_, n)) = self.statuses.get_mut(at) {
                    *n += count;
                }
            }
            Err(at) => self.statuses.insert(at, (status, count)),
        }
    }

    /// Counts exchanges that met 404 or 405 before anything real was known here.
    pub(crate) fn add_strays(&mut self, status: u16, count: u64) {
        self.exchanges += count;
        self.add_status(status, count);
    }

    /// The schema that bodies of a status are learned into.
    pub(crate) fn response_schema(&mut self, status: u16) -> Option<&mut Schema> {
        let at = match self.response_schemas.binary_search_by_key(&status, |(s, _)| *s) {
            Ok(at) => at,
            Err(_) if self.response_schemas.len() >= BODY_STATUSES_MAX => return None,
            Err(at) => {
                self.response_schemas.insert(at, (status, Box::default()));
                at
            }
        };
        self.response_schemas.get_mut(at).map(|(_, schema)| &mut **schema)
    }

    /// Hashes of the field names of successful responses, down to the third level.
    pub(crate) fn response_names(&self, mut name: impl FnMut(u64)) {
        for (_, schema) in self.response_schemas.iter().filter(|(s, _)| (200..300).contains(s)) {
            schema.names(3, &mut name);
        }
    }

    /// Adds what another summary learned.
    pub(crate) fn merge(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.first_seen = earliest(self.first_seen, other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        for (status, count) in other.statuses {
            self.add_status(status, count);
        }
        self.actors.merge(&other.actors);
        self.callers.merge(&other.callers);
        self.latency_us.merge(&other.latency_us);
        self.request_bytes.merge(&other.request_bytes);
        self.response_bytes.merge(&other.response_bytes);
        self.timeline.merge(&other.timeline);
        self.authentication.merge(&other.authentication);
        match (&mut self.parameters, other.parameters) {
            (Some(own), Some(theirs)) => own.merge(&theirs),
            (own @ None, theirs) => *own = theirs,
            _ => {}
        }
        match (&mut self.request_schema, other.request_schema) {
            (Some(own), Some(theirs)) => own.merge(&theirs),
            (own @ None, theirs) => *own = theirs,
            _ => {}
        }
        for (status, schema) in other.response_schemas {
            match self.response_schemas.binary_search_by_key(&status, |(s, _)| *s) {
                Err(at) if self.response_schemas.len() < BODY_STATUSES_MAX => {
                    self.response_schemas.insert(at, (status, schema));
                }
                Err(_) => {}
                Ok(at) => {
                    if let Some((_, own)) = self.response_schemas.get_mut(at) {
                        own.merge(&schema);
                    }
                }
            }
        }
        other.request_types.iter().for_each(|media| add_type(&mut self.request_types, media));
        other.response_types.iter().for_each(|media| add_type(&mut self.response_types, media));
        self.checks.merge(&other.checks);
        // The earliest of each status, whatever shard met it.
        self.samples.extend(other.samples);
        self.samples.sort_by_key(|s| (s.status, s.seen_at));
        self.samples.dedup_by_key(|s| s.status);
        self.samples.sort_by_key(|s| s.seen_at);
        self.samples.truncate(EVIDENCE_MAX);
        self.reach.merge(other.reach);
        self.deprecated |= other.deprecated;
        match (&mut self.protocol, other.protocol) {
            (Some(own), Some(theirs)) => own.merge(*theirs),
            (own @ None, theirs) => *own = theirs,
            _ => {}
        }
        match (&mut self.calls, other.calls) {
            (Some(own), Some(theirs)) => own.merge(*theirs),
            (own @ None, theirs) => *own = theirs,
            _ => {}
        }
        match (&mut self.conformance, other.conformance) {
            (Some(own), Some(theirs)) => own.merge(*theirs),
            (own @ None, theirs) => *own = theirs,
            _ => {}
        }
    }
}

impl Reach {
    /// The reach of one exchange.
    pub(crate) fn one(exchange: &Exchange<'_>) -> Self {
        let mut reach = Self::default();
        reach.observe(exchange);
        reach
    }

    fn observe(&mut self, exchange: &Exchange<'_>) {
        match exchange.direction {
            Direction::Internal => self.internal += 1,
            Direction::Outbound => self.outbound += 1,
            Direction::Inbound => match exchange.client_ip {
                Some(ip) if is_private(ip) => self.from_private += 1,
                Some(_) => self.from_public += 1,
                None => {}
            },
        }
        match exchange.scheme {
            Scheme::Http => self.cleartext += 1,
            Scheme::Https => self.tls += 1,
            Scheme::Unknown => {}
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.from_public += other.from_public;
        self.from_private += other.from_private;
        self.internal += other.internal;
        self.outbound += other.outbound;
        self.cleartext += other.cleartext;
        self.tls += other.tls;
    }

    /// `internal`, `public` or `private`: who can reach it. Unknown addresses count as public, the careful answer.
    pub(crate) fn exposure(&self, host: &str) -> &'static str {
        let inside = [".internal", ".local", ".svc", ".cluster.local", ".lan", ".corp", ".intranet"];
        let internal = self.internal > 0 && self.from_public == 0;
        if internal || (self.from_public == 0 && inside.iter().any(|end| host.ends_with(end))) {
            "internal"
        } else if self.from_public == 0 && (self.from_private > 0 || self.outbound > 0) {
            "private"
        } else {
            "public"
        }
    }

    /// The direction that most exchanges had.
    pub(crate) fn direction(&self) -> Direction {
        let inbound = self.from_public + self.from_private;
        if self.internal > inbound.max(self.outbound) {
            Direction::Internal
        } else if self.outbound > inbound {
            Direction::Outbound
        } else {
            Direction::Inbound
        }
    }
}

/// Addresses that do not route on the public internet (RFC 1918, 4193, 6598, loopback, link-local).
pub(crate) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_private(IpAddr::V4(v4)),
            None => {
                v6.is_loopback()
                    || (v6.segments().first().is_some_and(|s| s & 0xfe00 == 0xfc00 || s & 0xffc0 == 0xfe80))
            }
        },
    }
}

/// Keeps the media type without its parameters, lower case.
fn add_type(types: &mut Vec<Box<str>>, media: &str) {
    let essence = media.split(';').next().unwrap_or("").trim();
    if types.iter().any(|t| t.eq_ignore_ascii_case(essence)) || types.len() >= CONTENT_TYPES_MAX {
        return;
    }
    if essence.len() <= 80 && essence.contains('/') {
        types.push(essence.to_ascii_lowercase().into());
        types.sort_unstable();
    }
}
